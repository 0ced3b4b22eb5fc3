/** How much worse than a benchmark a forecast could be at most: the gate's non-inferiority. */
import { mean } from '../../numerics/statistics.ts'
import { studentTQuantile } from '../../numerics/student-t.ts'
import { type LossOptions, lossDifference, meanWithError } from './loss-difference.ts'

export interface RelativeLossOptions extends LossOptions {
  /** Confidence of the one-sided bound. Default 0.95. */
  readonly level?: number
}

/** Shares of the benchmark's mean loss: 0.005 is 0.5 % worse, negative values are better. */
export interface RelativeLossBound {
  readonly difference: number
  /** Zero when both have the same losses; `null` where it is undefined. */
  readonly standardError: number | null
  /** Upper confidence bound of the difference; `null` where it is undefined. */
  readonly upper: number | null
}

/**
 * Mean loss difference relative to the benchmark's mean loss, with its one-sided upper bound.
 *
 * The benchmark's mean is uncertain too, so the error is that of the ratio (delta method): the
 * daily series behind it is (candidate - benchmark - difference · benchmark) / mean benchmark loss.
 * Variance, small-sample factor and reference distribution are those of `dieboldMariano`.
 *
 * @param candidate Losses [n], one per day, in time order.
 * @param benchmark Losses on the same days [n], of positive mean (CRPS, not log-likelihood).
 * @throws {RangeError} On different lengths, no days, or a mean benchmark loss that is not positive.
 */
export function relativeLossBound(
  candidate: Float64Array,
  benchmark: Float64Array,
  options: RelativeLossOptions,
): RelativeLossBound {
  const excess = lossDifference(candidate, benchmark)
  const base = mean(benchmark)
  if (!(base > 0)) {
    throw new RangeError(`A relative loss needs a positive mean benchmark loss, received ${base}`)
  }
  const difference = mean(excess) / base
  if (excess.every((value) => value === 0)) return { difference, standardError: 0, upper: 0 }
  const series = excess.map((value, i) => (value - difference * (benchmark[i] as number)) / base)
  const estimate = meanWithError(series, options)
  if (estimate === undefined) return { difference, standardError: null, upper: null }
  const { standardError } = estimate
  const critical = studentTQuantile(options.level ?? 0.95, excess.length - 1)
  return { difference, standardError, upper: difference + critical * standardError }
}
