/** Whether one forecast's losses are lower than another's by more than chance. */
import { studentTCdf } from '../../numerics/student-t.ts'
import type { TestResult } from '../backtest.ts'
import { type LossOptions, lossDifference, meanWithError } from './loss-difference.ts'

/**
 * The Diebold–Mariano test of equal accuracy with the small-sample factor of Harvey, Leybourne and
 * Newbold, against the alternative that A is the better forecast.
 *
 * @param lossA Losses of the forecast under test [n], one per day, in time order.
 * @param lossB Losses of the benchmark on the same days [n].
 * @returns t < 0 where A's mean loss is the lower one, and the one-sided p; `twoSided(p)` gives the
 *   other. Both null where the variance of the difference is zero or undefined.
 * @throws {RangeError} On different lengths, or a horizon or lag that is not a whole number.
 *
 * The variance is Bartlett's with `lag` (default max(h - 1, 5)); the reference distribution is
 * Student-t with n - 1 degrees of freedom.
 * Source: Diebold & Mariano 1995; Harvey, Leybourne & Newbold 1997.
 */
export function dieboldMariano(
  lossA: Float64Array,
  lossB: Float64Array,
  options: LossOptions,
): TestResult {
  const difference = lossDifference(lossA, lossB)
  const estimate = meanWithError(difference, options)
  if (estimate === undefined) return { t: null, p: null }
  const t = estimate.mean / estimate.standardError
  return { t, p: studentTCdf(t, difference.length - 1) }
}

/** The two-sided p-value that belongs to a one-sided one of a symmetric statistic. */
export function twoSided(p: number): number {
  return 2 * Math.min(p, 1 - p)
}
