/** Scores of one model over the test days: the whole distribution first, prices and signs after. */

import type { StudentTDistribution } from '../forecast/forecast.ts'
import { exp, log } from '../numerics/elementary.ts'
import { mean, sum } from '../numerics/statistics.ts'
import type { Backtest, ForecastTrack, Scores } from './backtest.ts'
import { crpsOf, nllOf, pitOf } from './day-scores.ts'

/**
 * All scores of a track.
 *
 * The point forecast of the price is the median, referenceClose · exp(location); of the log return,
 * the location. A day counts as a correct direction when location and outcome have the same sign; a
 * location of zero says "up", and an unchanged close is a miss for every forecast. QLIKE is
 * infinite when a forecast has no variance (2 degrees of freedom or fewer), and leaves out days
 * whose variance proxy is not positive. Scores without a defined value are NaN.
 *
 * @throws {RangeError} On an empty backtest or a track of another length.
 */
export function scoreTrack(backtest: Backtest, track: ForecastTrack): Scores {
  const pit = pitValues(backtest, track)
  return {
    crps: mean(crpsLosses(backtest, track)),
    nll: mean(nllLosses(backtest, track)),
    ...priceScores(backtest, track),
    r2oos: outOfSampleR2(backtest.outcome, track.location),
    qlike: qlike(backtest, track),
    coverage80: shareWithin(pit, 0.8),
    coverage95: shareWithin(pit, 0.95),
    directionalAccuracy: directionalAccuracy(backtest.outcome, track.location),
    n: backtest.outcome.length,
  }
}

/** Continuous ranked probability score of each day's log return [n], in log-return units. */
export function crpsLosses(backtest: Backtest, track: ForecastTrack): Float64Array {
  return perDay(backtest, track, crpsOf)
}

/** Negative log-likelihood of each day's log return [n], in nats. */
export function nllLosses(backtest: Backtest, track: ForecastTrack): Float64Array {
  return perDay(backtest, track, nllOf)
}

/** Probability integral transform of each outcome [n]: uniform on [0, 1] if calibrated. */
export function pitValues(backtest: Backtest, track: ForecastTrack): Float64Array {
  return perDay(backtest, track, pitOf)
}

/**
 * Where the outcome missed the central interval [n]: 1 for a miss, 0 for a hit.
 *
 * @param level Nominal coverage of the interval, 0.8 for instance.
 */
export function intervalMisses(pit: Float64Array, level: number): Uint8Array {
  return Uint8Array.from(pit, (value) => (Math.abs(value - 0.5) <= level / 2 ? 0 : 1))
}

function perDay(
  backtest: Backtest,
  track: ForecastTrack,
  score: (forecast: StudentTDistribution, outcome: number) => number,
): Float64Array {
  assertSameDays(backtest, track)
  return backtest.outcome.map((outcome, i) => score(distributionAt(track, i), outcome))
}

function distributionAt(track: ForecastTrack, i: number): StudentTDistribution {
  return {
    location: track.location[i] as number,
    scale: track.scale[i] as number,
    degreesOfFreedom: track.degreesOfFreedom[i] as number,
  }
}

function assertSameDays(backtest: Backtest, track: ForecastTrack): void {
  const n = backtest.outcome.length
  if (n === 0) throw new RangeError(`The backtest of ${backtest.symbol} has no test days`)
  for (const column of [track.location, track.scale, track.degreesOfFreedom]) {
    if (column.length === n) continue
    throw new RangeError(
      `The track of ${track.model} has ${column.length} rows, the backtest ${n} test days`,
    )
  }
}

function priceScores(
  { referenceClose, outcome, naivePriceError }: Backtest,
  { location }: ForecastTrack,
): Pick<Scores, 'rmse' | 'mae' | 'mapeFraction' | 'mase'> {
  const price = outcome.map((change, i) => (referenceClose[i] as number) * exp(change))
  const error = price.map(
    (actual, i) => actual - (referenceClose[i] as number) * exp(location[i] as number),
  )
  return {
    rmse: Math.sqrt(mean(error.map((value) => value * value))),
    mae: mean(error.map(Math.abs)),
    mapeFraction: mean(error.map((value, i) => Math.abs(value / (price[i] as number)))),
    mase: mean(error.map((value, i) => Math.abs(value / (naivePriceError[i] as number)))),
  }
}

/** 1 - Σ(outcome - location)² / Σ outcome² (Campbell & Thompson 2008, against zero). */
function outOfSampleR2(outcome: Float64Array, location: Float64Array): number {
  const total = sum(outcome.map((value) => value * value))
  const rest = outcome.map((value, i) => value - (location[i] as number))
  return total === 0 ? NaN : 1 - sum(rest.map((value) => value * value)) / total
}

/** Mean of v/h - log(v/h) - 1 for proxy v and forecast variance h (Patton 2011). */
function qlike({ varianceProxy }: Backtest, track: ForecastTrack): number {
  let total = 0
  let days = 0
  for (let i = 0; i < varianceProxy.length; i++) {
    const proxy = varianceProxy[i] as number
    if (!(proxy > 0)) continue
    const ratio = proxy / varianceOf(track, i)
    total += ratio - log(ratio) - 1
    days += 1
  }
  return days === 0 ? NaN : total / days
}

/** Variance of a day's forecast: scale² ν / (ν - 2). */
function varianceOf({ scale, degreesOfFreedom }: ForecastTrack, i: number): number {
  const df = degreesOfFreedom[i] as number
  const square = (scale[i] as number) * (scale[i] as number)
  if (df === Infinity) return square
  return df > 2 ? (square * df) / (df - 2) : Infinity
}

function shareWithin(pit: Float64Array, level: number): number {
  return 1 - mean(intervalMisses(pit, level))
}

function directionalAccuracy(outcome: Float64Array, location: Float64Array): number {
  return mean(outcome.map((value, i) => (isRightDirection(location[i] as number, value) ? 1 : 0)))
}

function isRightDirection(location: number, outcome: number): boolean {
  return location >= 0 ? outcome > 0 : outcome < 0
}
