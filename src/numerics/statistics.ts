/** Moments and quantiles of a series, always summed from first to last so that the bits repeat. */

/** Sum in order of the index. */
export function sum(x: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i] as number
  return total
}

/** Arithmetic mean. @throws {RangeError} On an empty series. */
export function mean(x: ArrayLike<number>): number {
  assertAtLeast(x, 1, 'A mean')
  return sum(x) / x.length
}

/** Divisor n - 1 for a sample (the default), n for a whole population. */
export type VarianceKind = 'sample' | 'population'

/**
 * Variance about the series' own mean, by two passes.
 *
 * @throws {RangeError} On fewer than two values of a sample, or none of a population.
 */
export function variance(x: ArrayLike<number>, kind: VarianceKind = 'sample'): number {
  const lost = kind === 'sample' ? 1 : 0
  assertAtLeast(x, lost + 1, `A ${kind} variance`)
  const centre = mean(x)
  let squares = 0
  let deviations = 0
  for (let i = 0; i < x.length; i++) {
    const deviation = (x[i] as number) - centre
    squares += deviation * deviation
    deviations += deviation
  }
  // The second term is what rounding left in the mean (Chan, Golub & LeVeque 1983).
  return Math.max(0, squares - (deviations * deviations) / x.length) / (x.length - lost)
}

/** Square root of `variance`. */
export function standardDeviation(x: ArrayLike<number>, kind: VarianceKind = 'sample'): number {
  return Math.sqrt(variance(x, kind))
}

/**
 * Mean product of deviations `lag` apart, with divisor n at every lag.
 *
 * @param lag 0 … n - 1.
 */
export function autocovariance(x: ArrayLike<number>, lag: number): number {
  assertAtLeast(x, 1, 'An autocovariance')
  assertLag(x, lag)
  return laggedProduct(x, mean(x), lag) / x.length
}

/**
 * Variance of the mean times n: γ₀ + 2 Σ (1 - j / (lag + 1)) γⱼ with Bartlett's weights.
 *
 * @param lag 0 … n - 1; 0 gives the population variance.
 *
 * Source: Newey & West 1987.
 */
export function longRunVariance(x: ArrayLike<number>, lag: number): number {
  assertAtLeast(x, 1, 'A long-run variance')
  assertLag(x, lag)
  const centre = mean(x)
  let total = laggedProduct(x, centre, 0)
  for (let j = 1; j <= lag; j++) total += 2 * (1 - j / (lag + 1)) * laggedProduct(x, centre, j)
  return total / x.length
}

function laggedProduct(x: ArrayLike<number>, centre: number, lag: number): number {
  let total = 0
  for (let i = lag; i < x.length; i++) {
    total += ((x[i] as number) - centre) * ((x[i - lag] as number) - centre)
  }
  return total
}

/**
 * The p-quantile, interpolated between order statistics (type 7 of Hyndman & Fan 1996, the default
 * of NumPy and R).
 *
 * @param p In [0, 1].
 * @throws {RangeError} On an empty series, a NaN in it, or p outside [0, 1].
 */
export function quantile(x: ArrayLike<number>, p: number): number {
  assertAtLeast(x, 1, 'A quantile')
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A quantile needs p in [0, 1], received ${p}`)
  const sorted = Float64Array.from(x).sort()
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new RangeError('A quantile of NaN was asked for')
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  const share = position - below
  return share === 0 ? low : low + share * (high - low)
}

/** Middle value: the quantile at one half. */
export function median(x: ArrayLike<number>): number {
  return quantile(x, 0.5)
}

function assertAtLeast(x: ArrayLike<number>, least: number, what: string): void {
  if (x.length >= least) return
  throw new RangeError(`${what} needs at least ${least} value(s), received ${x.length}`)
}

function assertLag(x: ArrayLike<number>, lag: number): void {
  if (Number.isInteger(lag) && lag >= 0 && lag < x.length) return
  throw new RangeError(`Expected a lag from 0 to ${x.length - 1}, received ${lag}`)
}
