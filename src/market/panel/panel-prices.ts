/** Daily prices of many symbols in one set of columns: what a universe is kept and passed on as. */
import type { BarColumns, PriceSeries } from '../bars.ts'

/**
 * The rows of symbol i are `offset[i] … offset[i + 1] − 1`, in order of date. All columns may lie in
 * shared memory, so that threads read them without a copy.
 */
export interface PanelPrices extends BarColumns {
  readonly symbols: readonly string[]
  /** First row of each symbol, and the number of all rows at the end [symbols + 1]. */
  readonly offset: Int32Array
}

/** The price columns of a bar, without its date. */
export const PRICE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const

/** Prices of `rows` rows, all zero, in memory that threads share. */
export function allocatePanel(symbols: readonly string[], rows: number): PanelPrices {
  const doubles = () => new Float64Array(new SharedArrayBuffer(8 * rows))
  return {
    symbols,
    offset: new Int32Array(new SharedArrayBuffer(4 * (symbols.length + 1))),
    date: new Int32Array(new SharedArrayBuffer(4 * rows)),
    open: doubles(),
    high: doubles(),
    low: doubles(),
    close: doubles(),
    volume: doubles(),
  }
}

/**
 * The series of one symbol: views into the panel, not copies.
 *
 * @throws {RangeError} When there is no such symbol.
 */
export function seriesAt(panel: PanelPrices, index: number): PriceSeries {
  const symbol = panel.symbols[index]
  const from = panel.offset[index]
  const to = panel.offset[index + 1]
  if (symbol === undefined || from === undefined || to === undefined) {
    throw new RangeError(`Symbol ${index} of a panel of ${panel.symbols.length}`)
  }
  return {
    symbol,
    date: panel.date.subarray(from, to),
    open: panel.open.subarray(from, to),
    high: panel.high.subarray(from, to),
    low: panel.low.subarray(from, to),
    close: panel.close.subarray(from, to),
    volume: panel.volume.subarray(from, to),
  }
}

/** The symbols `from … to − 1` as a panel of their own: views, not copies, but for the offsets. */
export function slicePanel(panel: PanelPrices, from: number, to: number): PanelPrices {
  const first = panel.offset[from] ?? 0
  const end = panel.offset[to] ?? first
  return {
    symbols: panel.symbols.slice(from, to),
    offset: panel.offset.slice(from, to + 1).map((row) => row - first),
    date: panel.date.subarray(first, end),
    open: panel.open.subarray(first, end),
    high: panel.high.subarray(first, end),
    low: panel.low.subarray(first, end),
    close: panel.close.subarray(first, end),
    volume: panel.volume.subarray(first, end),
  }
}

/** The last `rows` rows of every symbol, or all where there are fewer: copies. */
export function slicePanelRows(panel: PanelPrices, rows: number): PanelPrices {
  const counts = panel.symbols.map((_, index) => {
    return Math.min(rows, (panel.offset[index + 1] as number) - (panel.offset[index] as number))
  })
  const out = allocatePanel(
    panel.symbols,
    counts.reduce((total, count) => total + count, 0),
  )
  for (const [index, count] of counts.entries()) {
    const to = out.offset[index] as number
    const end = panel.offset[index + 1] as number
    out.offset[index + 1] = to + count
    out.date.set(panel.date.subarray(end - count, end), to)
    for (const name of PRICE_COLUMNS) out[name].set(panel[name].subarray(end - count, end), to)
  }
  return out
}

/** Series of several symbols, symbols ascending, as one panel: copies. */
export function panelOf(series: readonly PriceSeries[]): PanelPrices {
  const rows = series.reduce((total, { date }) => total + date.length, 0)
  const panel = allocatePanel(
    series.map(({ symbol }) => symbol),
    rows,
  )
  for (const [index, one] of series.entries()) {
    const row = panel.offset[index] as number
    panel.offset[index + 1] = row + one.date.length
    panel.date.set(one.date, row)
    for (const name of PRICE_COLUMNS) panel[name].set(one[name], row)
  }
  return panel
}
