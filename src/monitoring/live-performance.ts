/** How the forecasts that were really issued have turned out, beside the baselines of the same days. */
import { lossDifference, meanWithError } from '../evaluation/skill/loss-difference.ts'
import { mean } from '../numerics/statistics.ts'
import { studentTQuantile } from '../numerics/student-t.ts'
import { numberOf, type Row } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { TrackKey } from './ledger/ledger-line.ts'
import { trackKeyOf } from './ledger/ledger-row.ts'
import { type TrackCounts, trackCounts } from './ledger/outcomes.ts'

/** A track with its number in the ledger. */
export interface Track extends TrackKey {
  readonly track: number
}

/** A track's matured forecasts, oldest first, columns of equal length [n]. */
export interface TrackRecord {
  /** Days since 1970-01-01. */
  readonly asOf: Int32Array
  /** Log returns. */
  readonly outcome: Float64Array
  readonly location: Float64Array
  /** In log-return units. */
  readonly crps: Float64Array
  readonly nll: Float64Array
  readonly pit: Float64Array
}

export interface LivePerformance extends TrackCounts {
  /** Of matured forecasts; `null` while there are none. */
  readonly crps: number | null
  readonly nll: number | null
  readonly coverage80: number | null
  readonly coverage95: number | null
  readonly directionalAccuracy: number | null
  /** Against the baselines that forecast the same days. */
  readonly skill: Record<string, LiveSkill>
}

export interface LiveSkill {
  /** Days that both have forecast. */
  readonly n: number
  /** 1 − mean CRPS / the baseline's: positive is better. */
  readonly skillRatio: number
  /** 95 % interval of `skillRatio`, overlapping horizons allowed for; `null` on too few days. */
  readonly interval: [number, number] | null
}

/** All tracks of a symbol, or of all symbols. */
export function listTracks(database: StateDatabase, symbol?: string): readonly Track[] {
  return database
    .prepare(
      `SELECT * FROM ledger_tracks WHERE CAST(?1 AS TEXT) IS NULL OR symbol = ?1
       ORDER BY symbol, horizon, role, model, version`,
    )
    .all(symbol ?? null)
    .map(trackOf)
}

function trackOf(row: Row): Track {
  return { track: numberOf(row, 'track'), ...trackKeyOf(row) }
}

/** @param fromDay Only forecasts made from this day on, days since 1970-01-01. */
export function readTrack(
  database: StateDatabase,
  track: number,
  fromDay = Number.MIN_SAFE_INTEGER,
): TrackRecord {
  const rows = database
    .prepare(
      `SELECT as_of, outcome, location, crps, nll, pit FROM ledger_forecasts
       WHERE track = ? AND as_of >= ? AND outcome IS NOT NULL ORDER BY as_of`,
    )
    .all(track, fromDay)
  const column = (name: string) => Float64Array.from(rows, (row) => numberOf(row, name))
  return {
    asOf: Int32Array.from(rows, (row) => numberOf(row, 'as_of')),
    outcome: column('outcome'),
    location: column('location'),
    crps: column('crps'),
    nll: column('nll'),
    pit: column('pit'),
  }
}

/**
 * Scores of one track and its skill against the baselines' tracks of the same symbol and horizon.
 *
 * @param fromDay Only forecasts made from this day on, days since 1970-01-01.
 */
export function livePerformance(
  database: StateDatabase,
  track: Track,
  fromDay?: number,
): LivePerformance {
  const record = readTrack(database, track.track, fromDay)
  const baselines = listTracks(database, track.symbol).filter(
    (other) => other.role === 'baseline' && other.horizon === track.horizon,
  )
  const skill = baselines.flatMap((baseline) => {
    const other = readTrack(database, baseline.track, fromDay)
    const found = liveSkill(record, other, track.horizon)
    return found === undefined ? [] : [[baseline.model, found] as const]
  })
  return {
    ...trackCounts(database, track.track),
    ...meanScores(record),
    skill: Object.fromEntries(skill),
  }
}

function meanScores(record: TrackRecord): Omit<LivePerformance, keyof TrackCounts | 'skill'> {
  const { crps, nll, pit, location, outcome } = record
  if (crps.length === 0) {
    return { crps: null, nll: null, coverage80: null, coverage95: null, directionalAccuracy: null }
  }
  const within = (level: number) =>
    mean(pit.map((value) => (Math.abs(value - 0.5) <= level / 2 ? 1 : 0)))
  const right = location.map((value, i) =>
    (value >= 0 ? (outcome[i] as number) > 0 : (outcome[i] as number) < 0) ? 1 : 0,
  )
  return {
    crps: mean(crps),
    nll: mean(nll),
    coverage80: within(0.8),
    coverage95: within(0.95),
    directionalAccuracy: mean(right),
  }
}

/** `undefined` when no day was forecast by both. */
export function liveSkill(
  own: TrackRecord,
  baseline: TrackRecord,
  horizon: number,
): LiveSkill | undefined {
  const { own: a, other: b } = commonLosses(own, baseline)
  if (a.length === 0) return undefined
  const benchmark = mean(b)
  const skillRatio = 1 - mean(a) / benchmark
  const estimate = meanWithError(lossDifference(a, b), { horizon })
  if (estimate === undefined) return { n: a.length, skillRatio, interval: null }
  const reach = (studentTQuantile(0.975, a.length - 1) * estimate.standardError) / benchmark
  return { n: a.length, skillRatio, interval: [skillRatio - reach, skillRatio + reach] }
}

/** CRPS of two tracks on the days that both have, columns of equal length. */
export interface CommonLosses {
  /** Days since 1970-01-01. */
  readonly asOf: Int32Array
  readonly own: Float64Array
  readonly other: Float64Array
}

export function commonLosses(own: TrackRecord, other: TrackRecord): CommonLosses {
  const rowOf = new Map([...other.asOf].map((day, row) => [day, row]))
  const rows = [...own.asOf].flatMap((day, row) => {
    const match = rowOf.get(day)
    return match === undefined ? [] : [[row, match] as const]
  })
  return {
    asOf: Int32Array.from(rows, ([row]) => own.asOf[row] as number),
    own: Float64Array.from(rows, ([row]) => own.crps[row] as number),
    other: Float64Array.from(rows, ([, match]) => other.crps[match] as number),
  }
}
