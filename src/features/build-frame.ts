/** From bars to the table that models read. */
import type { PriceSeries } from '../market/bars.ts'
import { computeBaseColumns } from './base-columns.ts'
import type { Feature } from './feature.ts'
import type { FeatureFrame } from './feature-frame.ts'
import { FEATURES } from './feature-set.ts'

/**
 * Computes every feature over all bars.
 *
 * Rows before a feature's declared lookback are NaN whatever the feature returns there, so that a
 * history cut at the lookback gives the same frame as a longer one.
 *
 * Cost: O(n · lookback). Memory: one Float64Array [n] per feature.
 */
export function buildFeatureFrame(
  bars: PriceSeries,
  features: readonly Feature[] = FEATURES,
): FeatureFrame {
  const base = computeBaseColumns(bars)
  const columns = new Map<string, Float64Array>()
  for (const feature of features) {
    const column = feature.compute(base, bars)
    columns.set(feature.name, withoutWarmUp(column, feature.lookback))
  }
  return { symbol: bars.symbol, date: bars.date, close: bars.close, columns }
}

/** A copy, unless there is nothing to take away: the column may be one that features share. */
function withoutWarmUp(column: Float64Array, lookback: number): Float64Array {
  let first = 0
  while (first < column.length && Number.isNaN(column[first])) first++
  if (first >= lookback - 1) return column
  const out = column.slice()
  out.fill(Number.NaN, 0, Math.min(lookback - 1, out.length))
  return out
}

/** The longest lookback among the named features: bars needed for one complete row. */
export function lookbackOf(
  names: readonly string[],
  features: readonly Feature[] = FEATURES,
): number {
  return names.reduce((longest, name) => {
    const feature = features.find((candidate) => candidate.name === name)
    if (feature === undefined) {
      const known = features.map((candidate) => candidate.name).join(', ')
      throw new RangeError(`Unknown feature '${name}'. Declared features: ${known}`)
    }
    return Math.max(longest, feature.lookback)
  }, 1)
}
