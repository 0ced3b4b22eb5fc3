/** Whether the best of many forecasts is better than a benchmark by more than the search explains. */

import { log } from '../../numerics/elementary.ts'
import { mean } from '../../numerics/statistics.ts'
import { assertSameDays } from './loss-table.ts'
import type { Resample } from './stationary-bootstrap.ts'

export interface SuperiorAbilityOptions {
  readonly resample: Resample
  /** Mean length of the bootstrap's blocks; the variances belong to it. */
  readonly blockLength: number
  /** Default 1000. */
  readonly replications?: number
  /** Divide each difference by its standard error, as Hansen does. Default true. */
  readonly studentised?: boolean
}

/** p-values of the hypothesis that no model is better than the benchmark. */
export interface SuperiorAbility {
  /** Models that are worse than the benchmark count as if they were just as good as it: too small. */
  readonly lower: number
  /** Models that are clearly worse don't count: the one to read. */
  readonly consistent: number
  /** All count as if they were as good as the benchmark (White's reality check): too large. */
  readonly upper: number
}

/**
 * Hansen's test of superior predictive ability.
 *
 * @param benchmark Losses [n].
 * @param models Losses of each model on the same days, each [n].
 * @throws {RangeError} On no models, or losses of other days.
 *
 * Cost: replications × models × n. Source: Hansen 2005; White 2000.
 */
export function superiorAbility(
  benchmark: Float64Array,
  models: readonly Float64Array[],
  options: SuperiorAbilityOptions,
): SuperiorAbility {
  assertSameDays([benchmark, ...models], 2)
  const { resample, blockLength, replications = 1000, studentised = true } = options
  const n = benchmark.length
  const gains = models.map((losses) => benchmark.map((loss, i) => loss - (losses[i] as number)))
  const units = gains.map((gain) => meanDeviation(gain, blockLength))
  const means = gains.map((gain) => mean(gain))
  const scale = units.map((unit) => (studentised ? (unit > 0 ? 1 / unit : 0) : 1))
  const tolerance = Math.sqrt(2 * log(Math.max(1, log(n))))
  const recentred = {
    lower: means.map((value) => Math.max(value, 0)),
    consistent: means.map((value, k) => (value >= -tolerance * (units[k] as number) ? value : 0)),
    upper: means,
  }
  const largest = (centred: (k: number) => number) =>
    means.reduce((top, _, k) => Math.max(top, centred(k) * (scale[k] as number)), 0)
  const observed = largest((k) => means[k] as number)
  const above = { lower: 0, consistent: 0, upper: 0 }
  for (let b = 0; b < replications; b++) {
    const days = resample()
    const drawn = gains.map((gain) => meanOver(gain, days))
    for (const kind of ['lower', 'consistent', 'upper'] as const) {
      const centre = recentred[kind]
      if (largest((k) => (drawn[k] as number) - (centre[k] as number)) > observed) above[kind] += 1
    }
  }
  return {
    lower: above.lower / replications,
    consistent: above.consistent / replications,
    upper: above.upper / replications,
  }
}

/** Mean of the values on these days. */
export function meanOver(values: Float64Array, days: Int32Array): number {
  let total = 0
  for (const day of days) total += values[day] as number
  return total / days.length
}

/** Standard deviation of the series' mean under the stationary bootstrap (Politis & Romano 1994). */
function meanDeviation(series: Float64Array, blockLength: number): number {
  const n = series.length
  const centre = mean(series)
  const x = series.map((value) => value - centre)
  const stay = 1 - 1 / Math.max(1, blockLength)
  const powers = new Float64Array(n + 1).fill(1)
  for (let i = 1; i <= n; i++) powers[i] = (powers[i - 1] as number) * stay
  let variance = product(x, 0) / n
  for (let lag = 1; lag < n; lag++) {
    const share = lag / n
    const weight = (1 - share) * (powers[lag] as number) + share * (powers[n - lag] as number)
    if (weight < 1e-12) continue
    variance += (2 * weight * product(x, lag)) / n
  }
  return Math.sqrt(Math.max(0, variance) / n)
}

function product(x: Float64Array, lag: number): number {
  let total = 0
  for (let i = lag; i < x.length; i++) total += (x[i] as number) * (x[i - lag] as number)
  return total
}
