/** A retraining from its reason to the shadow, and from the shadow to the gate. */
import { isTickerflowError } from '../../errors.ts'
import { lowerBound } from '../../features/windows.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { trackCounts } from '../../monitoring/ledger/outcomes.ts'
import { listTracks } from '../../monitoring/live-performance.ts'
import { latestReports } from '../../monitoring/report-store.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { liveVersion, type Promotion } from '../../registry/promotion-journal.ts'
import type { Application } from '../application.ts'
import { knownBars } from '../market-data.ts'
import type { LifecycleRequest } from '../preparation.ts'
import { promoteVersion } from '../promote-version.ts'
import { type RetrainDecision, type RetrainReason, retrainDue } from './retrain-due.ts'
import {
  beginRetraining,
  challengerOf,
  endRetraining,
  noteTrained,
  type Retraining,
  retrainingsOf,
} from './retraining-journal.ts'
import { trainChallenger } from './train-challenger.ts'

/** Whether a symbol's model is due now, by the configured triggers and the latest report. */
export async function isRetrainDue(
  app: Application,
  { config, csv }: Pick<LifecycleRequest, 'config' | 'csv'>,
): Promise<RetrainDecision> {
  const model = forecasterName(parseSymbol(config.symbol))
  const { date } = await knownBars(app, { symbol: config.symbol, csv, config })
  const past = retrainingsOf(app.database, model)
  const last = past.findLast(({ trainedTo }) => trainedTo !== undefined)
  const { trainedTo } = last ?? {}
  const standing = {
    today: date.at(-1) ?? 0,
    trainedTo,
    newSessions: trainedTo === undefined ? 0 : sessionsAfter(date, trainedTo),
    isChallenged: challengerOf(app.database, model) !== undefined,
    retrainedAtMs: past
      .filter(({ trigger }) => trigger !== 'hand')
      .map(({ startedAtMs }) => startedAtMs),
    nowMs: app.clock(),
    alarms: alarmsOf(app, model, last?.startedAtMs ?? Number.NEGATIVE_INFINITY),
  }
  return retrainDue(standing, config.retrain)
}

/** What the latest report of the model says, if it was made after an instant. */
function alarmsOf(app: Application, model: string, afterMs: number) {
  const [report] = latestReports(app.database, model, 1)
  if (report === undefined || Date.parse(report.at) <= afterMs) {
    return { drift: [], performance: [] }
  }
  const drift = report.drift.verdict === 'drift' ? report.drift.reasons : []
  const performance = report.performance
    .filter(({ role, version }) => role === 'champion' && version === report.liveVersion)
    .flatMap(({ change, version }) =>
      Object.entries(change)
        .filter(([, { alarm }]) => alarm)
        .map(
          ([baseline, { since }]) => `version ${version} is worse than ${baseline} since ${since}`,
        ),
    )
  return { drift: drift.map((reason) => `drift: ${reason}`), performance }
}

/**
 * Trains a challenger of the configured symbol. With no shadow to wait for, as while nothing is live,
 * the gate is asked at once.
 *
 * The caller holds the model's lease: what the journal says is in training is then of a process that
 * has ended, and is closed as failed.
 *
 * @returns What the journal says of it; `undefined` while another challenger is in the shadow.
 * @throws {TickerflowError} What `trainChallenger` throws; the journal says why.
 */
export async function retrain(
  app: Application,
  request: LifecycleRequest,
  { trigger, reason }: RetrainReason,
): Promise<Retraining | undefined> {
  const { config } = request
  const { database, clock } = app
  const symbol = parseSymbol(config.symbol)
  const model = forecasterName(symbol)
  closeAbandoned(app, model)
  // One whose shadow is over, or whose process ended before it asked the gate, is judged first.
  await concludeShadow(app, request)
  const isFirst = liveVersion(database, { model, environment: 'production' }) === undefined
  // Beside nothing there is no shadow: until a version is live, nobody asks a challenger to speak.
  const shadowSessions = isFirst ? 0 : config.retrain.shadowSessions
  const id = app.newId()
  const given = { id, model, symbol, trigger, reason, startedAtMs: clock(), shadowSessions }
  if (!beginRetraining(database, given)) return undefined
  try {
    noteTrained(database, id, await trainChallenger(app, request, { trigger, reason }))
  } catch (error) {
    const outcome = error instanceof Error ? error.message : String(error)
    const stopped = isTickerflowError(error) && error.code === 'INTERRUPTED'
    const why = stopped ? 'it was stopped' : outcome
    endRetraining(database, id, { state: 'failed', atMs: clock(), outcome: why })
    throw error
  }
  if (shadowSessions === 0) await concludeShadow(app, request)
  return retrainingsOf(database, model).find((one) => one.id === id)
}

/** Ends what a process that is gone has left in training. */
function closeAbandoned(app: Application, model: string): void {
  const left = challengerOf(app.database, model)
  if (left?.state !== 'training') return
  const outcome = 'its process ended before it was trained'
  endRetraining(app.database, left.id, { state: 'failed', atMs: app.clock(), outcome })
}

/**
 * Asks the gate about the challenger whose shadow is over.
 *
 * @returns The promotion that came of it; `undefined` while there is none, or its shadow goes on.
 */
export async function concludeShadow(
  app: Application,
  { config, csv }: Pick<LifecycleRequest, 'config' | 'csv'>,
): Promise<Promotion | undefined> {
  const { database, clock } = app
  const model = forecasterName(parseSymbol(config.symbol))
  const challenger = challengerOf(database, model)
  if (challenger?.state !== 'shadow') return undefined
  const { id, version, trainedTo, shadowSessions } = challenger
  if (version === undefined || trainedTo === undefined) return undefined
  const { date } = await knownBars(app, { symbol: config.symbol, csv, config })
  if (sessionsAfter(date, trainedTo) < shadowSessions) return undefined
  const missed = shadowSessions - shadowedSessions(app, { model, version })
  if (missed > MISSING_AT_MOST) {
    const outcome = `it was silent in ${missed} of ${shadowSessions} sessions of its shadow`
    endRetraining(database, id, { state: 'failed', atMs: clock(), outcome })
    return undefined
  }
  try {
    const request = { name: model, version, to: 'production', requester: app.user } as const
    const { last } = await promoteVersion(app, { ...request, calendar: config.calendar })
    const outcome =
      last.state === 'gated' ? 'awaits approval' : (last.verdict?.decision ?? last.state)
    endRetraining(database, id, { state: 'decided', atMs: clock(), outcome, promotion: last.id })
    return last
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    endRetraining(database, id, { state: 'failed', atMs: clock(), outcome: error.message })
    return undefined
  }
}

/** A training that ends after the next opening leaves its first forecast late. */
const MISSING_AT_MOST = 1

/** Sessions that the version has forecast beside what is live, and whose outcome is known. */
function shadowedSessions(
  { database }: Application,
  { model, version }: { readonly model: string; readonly version: number },
): number {
  const tracks = listTracks(database).filter(
    (one) => one.model === model && one.version === version && one.role === 'shadow',
  )
  const counts = tracks.map(({ track }) => {
    const { matured, pending } = trackCounts(database, track)
    return matured + pending
  })
  return Math.max(0, ...counts)
}

/** Sessions of the series that the version has not learnt from: a series that has ended has no more. */
function sessionsAfter(date: Int32Array, day: number): number {
  return date.length - lowerBound(date, day + 1)
}
