/** Each promotion with what came of it live: the new version beside the one that it replaced. */
import { dieboldMariano } from '../../evaluation/skill/diebold-mariano.ts'
import { dayOfInstant, formatDay } from '../../market/trading-date.ts'
import { commonLosses, listTracks, readTrack } from '../../monitoring/live-performance.ts'
import { mean } from '../../numerics/statistics.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { promotionsOf } from '../../registry/promotion-journal.ts'
import type { StateDatabase } from '../../state/state-database.ts'

export interface PromotionRow {
  readonly symbol: string
  readonly version: number
  /** When the gate was asked, `YYYY-MM-DD`. */
  readonly askedOn: string
  readonly decision: string
  readonly state: string
  readonly look: number | null
  readonly approver: string | null
  readonly replaces: number | null
  /** Why it was not promoted; empty of one that was. */
  readonly reasons: readonly string[]
  /** `null` of what never went live, or replaced nothing, or whose outcomes are not known yet. */
  readonly live: LiveConsequence | null
}

/** On the days on which both the new version and the one before it have forecast. */
export interface LiveConsequence {
  readonly sessions: number
  readonly crps: number
  readonly previousCrps: number
  /** Mean CRPS of the new version minus that of the one before: positive, promoting has cost. */
  readonly regret: number
  /** Of that difference, Diebold–Mariano. */
  readonly t: number | null
}

export function promotionRows(database: StateDatabase, symbol: string): PromotionRow[] {
  const model = forecasterName(symbol)
  return promotionsOf(database, model)
    .filter((one) => one.environment === 'production' || one.state !== 'committed')
    .map((one): PromotionRow => {
      const { version, state, verdict, approver, expectedVersion, requestedAtMs } = one
      const isLive = state === 'committed' && one.environment === 'production'
      return {
        symbol,
        version,
        askedOn: formatDay(dayOfInstant(requestedAtMs)),
        decision: verdict?.decision ?? '–',
        state: one.environment === 'staging' ? `${state} for staging` : state,
        look: verdict?.look ?? null,
        approver: approver ?? null,
        replaces: expectedVersion ?? null,
        reasons: isLive ? [] : (verdict?.reasons ?? []),
        live:
          isLive && expectedVersion !== undefined
            ? consequence(database, { symbol, model, version, before: expectedVersion })
            : null,
      }
    })
}

interface Replacement {
  readonly symbol: string
  readonly model: string
  readonly version: number
  readonly before: number
}

function consequence(
  database: StateDatabase,
  { symbol, model, version, before }: Replacement,
): LiveConsequence | null {
  const tracks = listTracks(database, symbol).filter((one) => one.model === model)
  const own = tracks.find((one) => one.role === 'champion' && one.version === version)
  const other = tracks.find((one) => one.role === 'previous' && one.version === before)
  if (own === undefined || other === undefined) return null
  const { own: a, other: b } = commonLosses(
    readTrack(database, own.track),
    readTrack(database, other.track),
  )
  if (a.length === 0) return null
  const { t } = dieboldMariano(a, b, { horizon: own.horizon })
  const [crps, previousCrps] = [mean(a), mean(b)]
  return { sessions: a.length, crps, previousCrps, regret: crps - previousCrps, t }
}
