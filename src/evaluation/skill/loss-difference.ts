/** The mean difference of two forecasts' losses, and how uncertain it is over correlated days. */
import { longRunVariance, mean } from '../../numerics/statistics.ts'

export interface LossOptions {
  /** Sessions ahead of the forecasts, >= 1: h-session outcomes overlap on h - 1 days. */
  readonly horizon: number
  /** Bartlett lag of the variance; default max(horizon - 1, 5), never above n - 1. */
  readonly lag?: number
}

export interface MeanWithError {
  readonly mean: number
  /** Of the mean, autocorrelation and the small-sample factor included. */
  readonly standardError: number
}

/** A long-run variance below this share of the mean square is rounding, not variance. */
const ROUNDING_SHARE = 1e-24

/**
 * A's losses minus B's [n].
 *
 * @throws {RangeError} On different lengths.
 */
export function lossDifference(lossA: Float64Array, lossB: Float64Array): Float64Array {
  if (lossA.length !== lossB.length) {
    throw new RangeError(
      `Losses must be of the same days, received ${lossA.length} and ${lossB.length} of them`,
    )
  }
  return lossA.map((loss, i) => loss - (lossB[i] as number))
}

/**
 * Mean of a daily series and its standard error, with Bartlett's variance and the factor
 * (n + 1 - 2h + h(h - 1)/n) / n of Harvey, Leybourne & Newbold 1997.
 *
 * @returns `undefined` where the variance is zero, or there are too few days for the horizon.
 * @throws {RangeError} When horizon or lag is not a whole number in range.
 */
export function meanWithError(
  series: Float64Array,
  { horizon, lag = Math.max(horizon - 1, 5) }: LossOptions,
): MeanWithError | undefined {
  if (!(Number.isInteger(horizon) && horizon >= 1 && Number.isInteger(lag) && lag >= 0)) {
    throw new RangeError(`Expected horizon >= 1 and lag >= 0, received ${horizon} and ${lag}`)
  }
  const n = series.length
  if (n < 2) return undefined
  const factor = (n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n
  const variance = longRunVariance(series, Math.min(lag, n - 1))
  const negligible = ROUNDING_SHARE * mean(series.map((value) => value * value))
  if (!(variance > negligible && variance < Infinity && factor > 0)) return undefined
  return { mean: mean(series), standardError: Math.sqrt(variance / (n * factor)) }
}
