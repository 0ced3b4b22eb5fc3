/** How far apart two samples, or two binned distributions, are. */
import { log } from '../../numerics/elementary.ts'

/**
 * Kolmogorov–Smirnov: the largest gap between two empirical distribution functions, in [0, 1].
 *
 * @param reference Ascending, without NaN [n].
 * @param window Ascending, without NaN [w].
 *
 * Cost: O(w log n). Ties are allowed.
 */
export function kolmogorovSmirnov(reference: Float64Array, window: Float64Array): number {
  assertNotEmpty(reference, window)
  let largest = 0
  let from = 0
  while (from < window.length) {
    const value = window[from] as number
    let to = from + 1
    while (to < window.length && window[to] === value) to++
    const below = countBelow(reference, value) / reference.length
    const upTo = countUpTo(reference, value) / reference.length
    const before = Math.abs(from / window.length - below)
    const after = Math.abs(to / window.length - upTo)
    largest = Math.max(largest, before, after)
    from = to
  }
  return largest
}

/**
 * Wasserstein distance of order one: the area between two empirical distribution functions, in the
 * unit of the values. Divide by the reference's standard deviation to compare columns.
 *
 * @param a Ascending, without NaN.
 * @param b Ascending, without NaN.
 */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  assertNotEmpty(a, b)
  let [i, j, area] = [0, 0, 0]
  let previous = Math.min(a[0] as number, b[0] as number)
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    area += Math.abs(i / a.length - j / b.length) * (value - previous)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    previous = value
  }
  return area
}

/**
 * Shares of a sample between edges; values beyond the outer edges belong to the outer bins.
 *
 * @param sample Ascending, without NaN.
 * @param edges Ascending inner edges [k - 1]; a value on an edge belongs to the bin above.
 * @returns Shares [k], of sum 1.
 */
export function binShares(sample: Float64Array, edges: ArrayLike<number>): Float64Array {
  assertNotEmpty(sample)
  const shares = new Float64Array(edges.length + 1)
  let before = 0
  for (let bin = 0; bin <= edges.length; bin++) {
    const edge = edges[bin]
    const upTo = edge === undefined ? sample.length : countBelow(sample, edge)
    shares[bin] = (upTo - before) / sample.length
    before = upTo
  }
  return shares
}

/** Share that stands for an empty bin, so that the index stays finite. */
const EMPTY_SHARE = 1e-4

/** Population stability index: Σ (q − p) ln(q / p), with empty bins counted as 0.0001. */
export function populationStability(p: Float64Array, q: Float64Array): number {
  assertSameLength(p, q)
  let total = 0
  for (let bin = 0; bin < p.length; bin++) {
    const a = Math.max(p[bin] as number, EMPTY_SHARE)
    const b = Math.max(q[bin] as number, EMPTY_SHARE)
    total += (b - a) * log(b / a)
  }
  return total
}

/** Jensen–Shannon distance to base 2, in [0, 1]: the root of the divergence. */
export function jensenShannon(p: Float64Array, q: Float64Array): number {
  assertSameLength(p, q)
  let total = 0
  for (let bin = 0; bin < p.length; bin++) {
    const a = p[bin] as number
    const b = q[bin] as number
    const middle = (a + b) / 2
    if (a > 0) total += a * log(a / middle)
    if (b > 0) total += b * log(b / middle)
  }
  return Math.sqrt(Math.max(0, total) / (2 * Math.LN2))
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function countUpTo(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function assertNotEmpty(...samples: readonly Float64Array[]): void {
  if (samples.every(({ length }) => length > 0)) return
  throw new RangeError('A distance needs samples of at least one value, received an empty one')
}

function assertSameLength(p: Float64Array, q: Float64Array): void {
  if (p.length === q.length) return
  throw new RangeError(
    `Expected as many shares on both sides, received ${p.length} and ${q.length}`,
  )
}
