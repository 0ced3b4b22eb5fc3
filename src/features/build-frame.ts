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
 * @param lastRows So many rows are wanted, counted from the end; left out, all. Their values are the
 *   same bits as in the whole frame.
 *
 * Cost: O(n · lookback), of the last rows O(n + lastRows · lookback). Memory: one Float64Array [rows]
 * per feature.
 */
export function buildFeatureFrame(
  bars: PriceSeries,
  features: readonly Feature[] = FEATURES,
  lastRows: number = bars.date.length,
): FeatureFrame {
  const n = bars.date.length
  const reach = features.reduce((most, { reach, lookback }) => Math.max(most, reach ?? lookback), 1)
  // The rows before `first` are computed for none but the trailing variances.
  const first = Math.max(0, n - lastRows - reach + 1)
  const from = Math.max(0, n - lastRows)
  const base = computeBaseColumns(bars, first)
  const read = first === 0 ? bars : rowsFrom(bars, first)
  const columns = new Map<string, Float64Array>()
  for (const feature of features) {
    const column = withoutWarmUp(feature.compute(base, read), feature.lookback - first)
    columns.set(feature.name, from === first ? column : column.subarray(from - first))
  }
  return {
    symbol: bars.symbol,
    date: bars.date.subarray(from),
    close: bars.close.subarray(from),
    columns,
  }
}

/** The rows from `first` on, not copied. */
function rowsFrom(bars: PriceSeries, first: number): PriceSeries {
  const { vendorAdjustedClose } = bars
  return {
    symbol: bars.symbol,
    date: bars.date.subarray(first),
    open: bars.open.subarray(first),
    high: bars.high.subarray(first),
    low: bars.low.subarray(first),
    close: bars.close.subarray(first),
    volume: bars.volume.subarray(first),
    ...(vendorAdjustedClose && { vendorAdjustedClose: vendorAdjustedClose.subarray(first) }),
  }
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
