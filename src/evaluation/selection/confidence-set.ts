/** The models among which the data cannot tell which one is best. */
import { mean } from '../../numerics/statistics.ts'
import { assertSameDays } from './loss-table.ts'
import type { Resample } from './stationary-bootstrap.ts'
import { meanOver } from './superior-ability.ts'

export interface ConfidenceSetOptions {
  readonly resample: Resample
  /** Default 1000. */
  readonly replications?: number
}

/**
 * p-values of the model confidence set: the models with p > α hold the best one with confidence
 * 1 − α. By the largest standardised deviation from the mean loss of those still in; the worst goes
 * first, equals together.
 *
 * @param losses Of each model on the same days, each [n].
 * @returns One p-value for each model; the last to stay has 1.
 * @throws {RangeError} On no models, or losses of different days.
 *
 * Cost: replications × models × n. Source: Hansen, Lunde & Nason 2011.
 */
export function confidenceSet(
  losses: readonly Float64Array[],
  { resample, replications = 1000 }: ConfidenceSetOptions,
): readonly number[] {
  assertSameDays(losses, 1)
  const means = losses.map((series) => mean(series))
  const drawn = Array.from({ length: replications }, () => {
    const days = resample()
    return losses.map((series, k) => meanOver(series, days) - (means[k] as number))
  })
  const p = losses.map(() => 1)
  let members = losses.map((_, k) => k)
  let highest = 0
  while (members.length > 1) {
    const { worst, share } = examine(members, means, drawn)
    highest = Math.max(highest, share)
    if (worst.length === members.length) break
    for (const k of worst) p[k] = highest
    members = members.filter((k) => !worst.includes(k))
  }
  return p
}

function examine(
  members: readonly number[],
  means: readonly number[],
  drawn: readonly (readonly number[])[],
): { readonly worst: readonly number[]; readonly share: number } {
  const centred = drawn.map((row) => deviations(members.map((k) => row[k] as number)))
  const spread = members.map((_, i) =>
    Math.sqrt(mean(centred.map((row) => (row[i] as number) * (row[i] as number)))),
  )
  const standardised = (row: readonly number[]) =>
    row.map((value, i) => ((spread[i] as number) > 0 ? value / (spread[i] as number) : 0))
  const observed = standardised(deviations(members.map((k) => means[k] as number)))
  const largest = Math.max(...observed)
  const above = centred.filter((row) => Math.max(...standardised(row)) > largest).length
  return {
    worst: members.filter((_, i) => observed[i] === largest),
    share: above / drawn.length,
  }
}

function deviations(values: readonly number[]): readonly number[] {
  const centre = mean(values)
  return values.map((value) => value - centre)
}
