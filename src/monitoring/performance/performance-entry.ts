/** Everything that a monitoring report says of one track of the ledger. */
import { lossDifference } from '../../evaluation/skill/loss-difference.ts'
import { formatDay } from '../../market/trading-date.ts'
import { mean } from '../../numerics/statistics.ts'
import { numberOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import {
  commonLosses,
  listTracks,
  livePerformance,
  readTrack,
  type Track,
} from '../live-performance.ts'
import type { EstimatedLoss, PerformanceEntry, RegretEntry } from '../monitoring-report.ts'
import { calibrationOf } from './calibration.ts'
import { expectedCrps } from './expected-loss.ts'
import { lossChange } from './loss-change.ts'

/** @param closedTo Pending forecasts of this day and before no longer wait: nothing will come. */
export function performanceEntry(
  database: StateDatabase,
  { track, ...key }: Track,
  closedTo: number,
): PerformanceEntry {
  const { lastAsOf, ...live } = livePerformance(database, { track, ...key })
  const record = readTrack(database, track)
  const baselines = listTracks(database, key.symbol).filter(
    (other) => other.role === 'baseline' && other.horizon === key.horizon && other.track !== track,
  )
  const change = baselines.flatMap((baseline) => {
    const common = commonLosses(record, readTrack(database, baseline.track))
    const difference = lossDifference(common.own, common.other)
    const found = lossChange(common.asOf, difference, key.horizon)
    return found === undefined ? [] : [[baseline.model, found] as const]
  })
  const { waiting, ...estimated } = estimatedLoss(database, track, { closedTo, crps: live.crps })
  return {
    ...key,
    ...live,
    pending: waiting,
    lastAsOf: lastAsOf === undefined ? null : formatDay(lastAsOf),
    change: Object.fromEntries(change),
    calibration: calibrationOf(record.pit, key.horizon),
    estimated,
  }
}

/** What the losses were expected to be, of pending forecasts and of those that have matured. */
function estimatedLoss(
  database: StateDatabase,
  track: number,
  { closedTo, crps }: { readonly closedTo: number; readonly crps: number | null },
): EstimatedLoss & { readonly waiting: number } {
  const rows = database
    .prepare(
      `SELECT scale, degrees_of_freedom, outcome IS NOT NULL AS known FROM ledger_forecasts
       WHERE track = ? AND (outcome IS NOT NULL OR as_of > ?) ORDER BY as_of`,
    )
    .all(track, closedTo)
  const expectedOf = (known: 0 | 1) =>
    rows
      .filter((row) => row.known === known)
      .map((row) =>
        expectedCrps({
          location: 0,
          scale: numberOf(row, 'scale'),
          degreesOfFreedom: numberOf(row, 'degrees_of_freedom'),
        }),
      )
  const [pending, matured] = [expectedOf(0), expectedOf(1)]
  const maturedCrps = matured.length === 0 ? null : mean(matured)
  return {
    waiting: pending.length,
    pendingCrps: pending.length === 0 ? null : mean(pending),
    maturedCrps,
    realisedRatio: crps === null || maturedCrps === null ? null : crps / maturedCrps,
  }
}

/** What the champion has cost against everything else that forecast on the same days. */
export function regretsOf(
  database: StateDatabase,
  champion: Track,
  others: readonly Track[],
): readonly RegretEntry[] {
  const own = readTrack(database, champion.track)
  return others.flatMap(({ track, role, model, version, horizon }) => {
    const common = commonLosses(own, readTrack(database, track))
    const n = common.asOf.length
    if (n === 0) return []
    return [{ role, model, version, horizon, n, regret: mean(common.own) - mean(common.other) }]
  })
}
