/** Whether one forecast's losses are lower than another's by more than chance. */
import { longRunVariance, mean } from '../../numerics/statistics.ts'
import { studentTCdf } from '../../numerics/student-t.ts'
import type { TestResult } from '../backtest.ts'
import { type LossOptions, lossLag, lossPairs } from './loss-difference.ts'

/**
 * The Diebold–Mariano test of equal accuracy with the small-sample factor of Harvey, Leybourne and
 * Newbold, against the alternative that A is the better forecast.
 *
 * @param lossA Losses of the forecast under test [n], one per day, in time order.
 * @param lossB Losses of the benchmark on the same days [n].
 * @returns t < 0 where A's mean loss is the lower one, and the one-sided p; the two-sided one is
 *   2 · min(p, 1 - p). Both null where the variance of the difference is zero or undefined.
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
  const difference = lossPairs(lossA, lossB)
  const n = difference.length
  const { horizon } = options
  const lag = lossLag(options, n)
  if (n < 2) return { t: null, p: null }
  const variance = longRunVariance(difference, lag) / n
  const factor = (n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n
  if (!(variance > 0) || !(factor > 0)) return { t: null, p: null }
  const t = (mean(difference) / Math.sqrt(variance)) * Math.sqrt(factor)
  return Number.isFinite(t) ? { t, p: studentTCdf(t, n - 1) } : { t: null, p: null }
}
