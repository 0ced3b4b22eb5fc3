/** Joins forecasts with what happened, once it has; a restated price leaves a trace. */
import { crpsOf, nllOf, pitOf } from '../../evaluation/day-scores.ts'
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import type { Bars } from '../../market/bars.ts'
import { log } from '../../numerics/elementary.ts'
import { numberOf, optionalNumberOf, type Row } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'

/**
 * Log returns further apart than this are a restatement; closer ones are the rounding of another
 * split adjustment. In log-return units.
 */
export const RESTATEMENT_TOLERANCE = 1e-9

export interface MaturedForecasts {
  /** Forecasts that were given their outcome now. */
  readonly matured: number
  /** Forecasts of the symbol that still wait for theirs. */
  readonly pending: number
  /** Forecasts whose day is in the bars' span without being one of their sessions. */
  readonly unmatched: number
  /** Outcomes that the bars give differently than before; their forecasts were scored anew. */
  readonly restated: readonly Restatement[]
}

export interface Restatement {
  /** Days since 1970-01-01. */
  readonly asOf: number
  readonly horizon: number
  /** Log returns. */
  readonly before: number
  readonly after: number
}

/**
 * Scores every forecast of the bars' symbol that has matured in them.
 *
 * Outcomes are log returns between two closes of the same bars, so a split between forecast and
 * outcome changes nothing. Calling it again with the same bars changes nothing either, and two
 * processes that call it at once do the work once.
 *
 * @param atMs When this is noted, UTC milliseconds.
 */
export function matureForecasts(
  database: StateDatabase,
  bars: Bars,
  atMs: number,
): MaturedForecasts {
  const rowOfDay = new Map([...bars.date].map((day, row) => [day, row]))
  const outcomeOf = (asOf: number, horizon: number): number | undefined => {
    const row = rowOfDay.get(asOf)
    const later = row === undefined ? undefined : bars.close[row + horizon]
    return later === undefined || row === undefined
      ? undefined
      : log(later / (bars.close[row] as number))
  }
  const [first, last] = [bars.date[0] ?? 0, bars.date.at(-1) ?? 0]
  return database.transaction(() => {
    const restated = restate(database, { bars, atMs, outcomeOf })
    let [matured, pending, unmatched] = [0, 0, 0]
    for (const forecast of pendingForecasts(database, bars.symbol)) {
      const outcome = outcomeOf(forecast.asOf, forecast.horizon)
      if (outcome === undefined) {
        const { asOf } = forecast
        if (asOf >= first && asOf <= last && !rowOfDay.has(asOf)) unmatched++
        pending++
        continue
      }
      noteOutcome(database, { bars, atMs, ...forecast, outcome, revision: 1 })
      score(database, forecast, outcome)
      matured++
    }
    return { matured, pending, unmatched, restated }
  })
}

interface KeptForecast {
  readonly track: number
  readonly horizon: number
  readonly asOf: number
  readonly distribution: StudentTDistribution
}

interface OutcomeSource {
  readonly bars: Bars
  readonly atMs: number
  readonly outcomeOf: (asOf: number, horizon: number) => number | undefined
}

/** Outcomes that were noted from other bars and come out differently in these. */
function restate(database: StateDatabase, source: OutcomeSource): Restatement[] {
  const { bars, atMs, outcomeOf } = source
  const latest = database
    .prepare(
      `SELECT as_of, horizon, outcome, revision FROM ledger_outcomes AS own
       WHERE symbol = ? AND NOT EXISTS (SELECT 1 FROM ledger_outcomes AS later
         WHERE later.symbol = own.symbol AND later.horizon = own.horizon
           AND later.as_of = own.as_of AND later.revision > own.revision)
       ORDER BY as_of, horizon`,
    )
    .all(bars.symbol)
  return latest.flatMap((row) => {
    const [asOf, horizon] = [numberOf(row, 'as_of'), numberOf(row, 'horizon')]
    const before = numberOf(row, 'outcome')
    const after = outcomeOf(asOf, horizon)
    if (after === undefined || Math.abs(after - before) <= RESTATEMENT_TOLERANCE) return []
    const revision = numberOf(row, 'revision') + 1
    noteOutcome(database, { bars, atMs, asOf, horizon, outcome: after, revision })
    for (const forecast of scoredForecasts(database, { symbol: bars.symbol, asOf, horizon })) {
      score(database, forecast, after)
    }
    return [{ asOf, horizon, before, after }]
  })
}

const FORECASTS = `
SELECT f.track, t.horizon, f.as_of, f.location, f.scale, f.degrees_of_freedom
FROM ledger_forecasts f JOIN ledger_tracks t USING (track)`

function pendingForecasts(database: StateDatabase, symbol: string): KeptForecast[] {
  return database
    .prepare(`${FORECASTS} WHERE t.symbol = ? AND f.outcome IS NULL ORDER BY f.track, f.as_of`)
    .all(symbol)
    .map(keptForecastOf)
}

function scoredForecasts(
  database: StateDatabase,
  {
    symbol,
    asOf,
    horizon,
  }: { readonly symbol: string; readonly asOf: number; readonly horizon: number },
): KeptForecast[] {
  return database
    .prepare(
      `${FORECASTS} WHERE t.symbol = ? AND t.horizon = ? AND f.as_of = ? AND f.outcome IS NOT NULL`,
    )
    .all(symbol, horizon, asOf)
    .map(keptForecastOf)
}

function keptForecastOf(row: Row): KeptForecast {
  return {
    track: numberOf(row, 'track'),
    horizon: numberOf(row, 'horizon'),
    asOf: numberOf(row, 'as_of'),
    distribution: {
      location: numberOf(row, 'location'),
      scale: numberOf(row, 'scale'),
      degreesOfFreedom: numberOf(row, 'degrees_of_freedom'),
    },
  }
}

interface NotedOutcome {
  readonly bars: Bars
  readonly atMs: number
  readonly asOf: number
  readonly horizon: number
  readonly outcome: number
  readonly revision: number
}

/** Several models forecast the same day: the first one's note is the note of all. */
function noteOutcome(database: StateDatabase, noted: NotedOutcome): void {
  const { bars, atMs, asOf, horizon, outcome, revision } = noted
  database
    .prepare('INSERT INTO ledger_outcomes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
    .run(bars.symbol, horizon, asOf, revision, outcome, bars.digest, atMs)
}

function score(database: StateDatabase, forecast: KeptForecast, outcome: number): void {
  const { track, asOf, distribution } = forecast
  database
    .prepare(
      `UPDATE ledger_forecasts SET outcome = ?, crps = ?, nll = ?, pit = ?
       WHERE track = ? AND as_of = ?`,
    )
    .run(
      outcome,
      crpsOf(distribution, outcome),
      nllOf(distribution, outcome),
      pitOf(distribution, outcome),
      track,
      asOf,
    )
}

/** How many forecasts of a track have met their outcome, and how many wait. */
export interface TrackCounts {
  readonly matured: number
  readonly pending: number
  /** Last day that was forecast from; `undefined` when there is none. */
  readonly lastAsOf: number | undefined
}

export function trackCounts(database: StateDatabase, track: number): TrackCounts {
  const row = database
    .prepare(
      `SELECT count(outcome) AS matured, count(*) AS issued, max(as_of) AS last
       FROM ledger_forecasts WHERE track = ?`,
    )
    .get(track)
  const matured = numberOf(row ?? {}, 'matured')
  return {
    matured,
    pending: numberOf(row ?? {}, 'issued') - matured,
    lastAsOf: optionalNumberOf(row ?? {}, 'last'),
  }
}

/** Forecasts of a symbol without an outcome, made on `day` (days since 1970-01-01) or before. */
export function countPendingTo(
  database: StateDatabase,
  symbol: string,
  day = Number.MAX_SAFE_INTEGER,
): number {
  const row = database
    .prepare(
      `SELECT count(*) AS n FROM ledger_forecasts JOIN ledger_tracks USING (track)
       WHERE symbol = ? AND as_of <= ? AND outcome IS NULL`,
    )
    .get(symbol, day)
  return numberOf(row ?? {}, 'n')
}
