/** Which rows can be learnt from: complete windows, and labels that mature inside a span. */
import type { FeatureFrame } from './feature-frame.ts'
import { frameColumn } from './feature-frame.ts'
import type { RowRange } from './scaler.ts'

/**
 * Rows whose date lies in the span and whose label has matured by its end: the h-th next session
 * is still inside. Rows whose label window crosses the end are purged.
 */
export function labelledRows(
  frame: FeatureFrame,
  span: { readonly from: number; readonly to: number },
  horizon: number,
): RowRange {
  const from = lowerBound(frame.date, span.from)
  const end = lowerBound(frame.date, span.to + 1)
  return { from, to: Math.max(from, end - horizon) }
}

/** First index whose date is not before `day`. */
export function lowerBound(date: Int32Array, day: number): number {
  let low = 0
  let high = date.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((date[middle] as number) < day) low = middle + 1
    else high = middle
  }
  return low
}

/** True [n] where all named columns are present in the `length` rows that end there. */
export function completeWindows(
  frame: FeatureFrame,
  names: readonly string[],
  length: number,
): Uint8Array {
  const columns = names.map((name) => frameColumn(frame, name))
  const out = new Uint8Array(frame.date.length)
  let run = 0
  for (let t = 0; t < out.length; t++) {
    run = columns.every((column) => Number.isFinite(column[t])) ? run + 1 : 0
    out[t] = run >= length ? 1 : 0
  }
  return out
}
