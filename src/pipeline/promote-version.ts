/** Promotes a registered version on the evidence that its run has recorded. */
import type { Config } from '../config.ts'
import { isTickerflowError } from '../errors.ts'
import { createCalendar } from '../market/calendar.ts'
import { coverageOfTags } from '../registry/forecaster-name.ts'
import type { GateEvidence } from '../registry/gate-evidence.ts'
import { type Ascent, promoteThroughStaging, requestPromotion } from '../registry/promotion.ts'
import { liveVersion } from '../registry/promotion-journal.ts'
import type { ModelVersion, ModelVersionRef } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { askedDay } from './asked-day.ts'
import { type GateRecord, missing, readGateRecord } from './gate-record.ts'

export interface PromoteRequest extends ModelVersionRef {
  readonly to: 'staging' | 'production'
  readonly requester: string
  /** Of whoever runs the program, when `requester` was named by hand. */
  readonly account?: string
  readonly override?: { readonly reason: string }
  readonly calendar: Config['calendar']
}

/**
 * Puts the version to the gate as it stands now: the age of its data counts to now, and what is live
 * has to be what its evidence compares it with.
 *
 * @throws {TickerflowError} EVIDENCE_MISSING without usable evidence, which an override does not
 *   need; what `requestPromotion` throws.
 */
export async function promoteVersion(app: Application, request: PromoteRequest): Promise<Ascent> {
  const { name, version: number, to, requester, account, override } = request
  const version = await app.tracking.getModelVersion({ name, version: number })
  const { recipe, evidence } = await evidenceNow(app, version, request)
  const { promotions, gatePolicy: policy } = app
  const common = { model: name, version: number, recipe, requester, policy, evidence }
  const asked = { ...common, ...(account && { account }), ...(override && { override }) }
  if (to === 'staging') {
    const last = await requestPromotion(promotions, { ...asked, environment: 'staging' })
    return { steps: [last], last }
  }
  return await promoteThroughStaging(promotions, asked)
}

type Case = Pick<GateRecord, 'recipe' | 'evidence'>

async function evidenceNow(
  app: Application,
  version: ModelVersion,
  { override, calendar }: PromoteRequest,
): Promise<Case> {
  try {
    const record = await readGateRecord(app.tracking, version)
    await assertSameOpponent(app, version, record)
    const dataAgeSessions = ageOf(app, record, calendar)
    return { recipe: record.recipe, evidence: { ...record.evidence, dataAgeSessions } }
  } catch (error) {
    if (override === undefined || !isTickerflowError(error)) throw error
    const { recipe = '' } = coverageOfTags(version.tags) ?? {}
    return { recipe, evidence: NO_EVIDENCE }
  }
}

/** Evidence against another version than the one that is live says nothing about replacing it. */
async function assertSameOpponent(
  app: Application,
  version: ModelVersion,
  record: GateRecord,
): Promise<void> {
  const slot = { model: version.name, environment: 'production' } as const
  const live = liveVersion(app.promotions.database, slot)
  if (live === undefined) return
  const { tags } = await app.tracking.getModelVersion({ name: version.name, version: live })
  const recipe = coverageOfTags(tags)?.recipe
  if (recipe === record.recipe || recipe === record.champion) return
  throw missing(version, `its evidence does not compare it with version ${live}, which is live now`)
}

/** Sessions that have ended since the last one known; none of a closed chapter. */
function ageOf(app: Application, record: GateRecord, kind: Config['calendar']): number {
  if (record.evidence.historical && !app.clockIsSet) return 0
  const last = askedDay(record.asOf)
  const calendar = createCalendar(kind === 'data' ? 'weekdays' : kind)
  const known = calendar.lastCompleteSession(app.clock())
  return known <= last ? 0 : calendar.sessionsBetween(last + 1, known).length
}

const NONE = new Float64Array()

/** What an override of a version without evidence is judged on: the gate holds it, and says why. */
const NO_EVIDENCE: Omit<GateEvidence, 'look'> = {
  horizon: 1,
  losses: { candidate: NONE, naive: NONE, classical: {} },
  direction: { forecasts: NONE, outcomes: NONE },
  coverage80: Number.NaN,
  coverage95: Number.NaN,
  leakageFindings: ['nothing was checked, because the run has no evidence that counts now'],
  dataAgeSessions: 0,
  historical: true,
}
