/** The project's own step from prices as traded to prices that are comparable across splits. */

import type { BarColumns, Split } from './bars.ts'

/**
 * Divides the prices before each split by its ratio and multiplies the volumes by it.
 *
 * The vendor's adjusted close is left alone. Exact for ratios that are powers of two.
 *
 * @param splits Any order; each `day` is the first session at the new price level.
 */
export function adjustForSplits(columns: BarColumns, splits: readonly Split[]): BarColumns {
  const ratio = cumulativeRatios(columns.date, splits)
  const divided = (column: Float64Array) => column.map((value, i) => value / (ratio[i] as number))
  return {
    ...columns,
    open: divided(columns.open),
    high: divided(columns.high),
    low: divided(columns.low),
    close: divided(columns.close),
    volume: columns.volume.map((value, i) => value * (ratio[i] as number)),
  }
}

/** Per row the product of the ratios of all later splits [n]. */
function cumulativeRatios(date: Int32Array, splits: readonly Split[]): Float64Array {
  const ratios = new Float64Array(date.length).fill(1)
  for (const split of splits) {
    for (let i = 0; i < date.length; i++) {
      if ((date[i] as number) < split.day) ratios[i] = (ratios[i] as number) * split.ratio
    }
  }
  return ratios
}
