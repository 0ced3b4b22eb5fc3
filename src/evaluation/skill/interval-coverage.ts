/** Tests of interval forecasts: the right share of misses, and misses that don't come in clusters. */
import { chiSquaredSurvival } from '../../numerics/chi-squared.ts'
import { log, log1p } from '../../numerics/elementary.ts'
import type { TestResult } from '../backtest.ts'

/**
 * Likelihood-ratio test that misses have the nominal probability; `t` is the ratio, chi-squared
 * with one degree of freedom.
 *
 * @param misses Days outside the interval, 0 … n.
 * @param nominal Promised share of misses: 0.05 for a 95 % interval.
 * @throws {RangeError} On counts or a probability out of range.
 *
 * Source: Kupiec 1995.
 */
export function kupiec(misses: number, n: number, nominal: number): TestResult {
  if (!(Number.isInteger(misses) && misses >= 0 && misses <= n && nominal > 0 && nominal < 1)) {
    throw new RangeError(
      `Expected 0 … n misses and a share in (0, 1), received ${misses} of ${n}, ${nominal}`,
    )
  }
  if (n === 0) return { t: null, p: null }
  const gain = logLikelihood(misses, n, misses / n) - logLikelihood(misses, n, nominal)
  return likelihoodRatio(2 * gain, 1)
}

export interface ChristoffersenTest {
  /** Share of misses: Kupiec's test. */
  readonly coverage: TestResult
  /** Misses follow misses as often as they follow hits; chi-squared, one degree of freedom. */
  readonly independence: TestResult
  /** Both at once: the sum of the two ratios, two degrees of freedom. */
  readonly conditionalCoverage: TestResult
}

/**
 * Tests whether misses are independent from day to day, and of the nominal share.
 *
 * @param misses 1 for a day outside the interval, 0 for one inside [n], in time order. For horizon h
 *   pass every h-th day, as overlapping outcomes cluster by themselves.
 * @param nominal Promised share of misses: 0.05 for a 95 % interval.
 * @returns Nulls for independence where all days but the last, or none of them, are misses.
 *
 * Source: Christoffersen 1998.
 */
export function christoffersen(misses: ArrayLike<number>, nominal: number): ChristoffersenTest {
  let total = misses.length > 0 ? missAt(misses, 0) : 0
  // Days and misses among them, after a hit and after a miss.
  const days = [0, 0]
  const followed = [0, 0]
  for (let i = 1; i < misses.length; i++) {
    const before = missAt(misses, i - 1)
    const now = missAt(misses, i)
    total += now
    days[before] = (days[before] ?? 0) + 1
    followed[before] = (followed[before] ?? 0) + now
  }
  const coverage = kupiec(total, misses.length, nominal)
  const independence = independenceOf(days, followed)
  const both = coverage.t === null || independence.t === null ? null : coverage.t + independence.t
  const conditionalCoverage = both === null ? { t: null, p: null } : likelihoodRatio(both, 2)
  return { coverage, independence, conditionalCoverage }
}

function missAt(misses: ArrayLike<number>, i: number): 0 | 1 {
  const value = misses[i]
  if (value === 0 || value === 1) return value
  throw new RangeError(`Misses are 0 or 1, received ${value} on day ${i}`)
}

function independenceOf(days: readonly number[], followed: readonly number[]): TestResult {
  const [afterHit = 0, afterMiss = 0] = days
  const [missAfterHit = 0, missAfterMiss = 0] = followed
  if (afterHit === 0 || afterMiss === 0) return { t: null, p: null }
  const n = afterHit + afterMiss
  const all = missAfterHit + missAfterMiss
  const apart =
    logLikelihood(missAfterHit, afterHit, missAfterHit / afterHit) +
    logLikelihood(missAfterMiss, afterMiss, missAfterMiss / afterMiss)
  return likelihoodRatio(2 * (apart - logLikelihood(all, n, all / n)), 1)
}

/** Of `misses` among `n` days, without the number of orders; 0 · log 0 is 0. */
function logLikelihood(misses: number, n: number, probability: number): number {
  const ofMisses = misses === 0 ? 0 : misses * log(probability)
  return misses === n ? ofMisses : ofMisses + (n - misses) * log1p(-probability)
}

function likelihoodRatio(ratio: number, df: number): TestResult {
  // Rounding can leave a ratio of equal likelihoods just below zero.
  const t = Math.max(0, ratio)
  return { t, p: chiSquaredSurvival(t, df) }
}
