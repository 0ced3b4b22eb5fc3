/** Picks the frame and rows that a single-symbol model fits on, or says why it can't. */
import { TickerflowError } from '../errors.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { labelledRows } from '../features/windows.ts'
import { formatDay } from '../market/trading-date.ts'
import type { FitRequest } from './forecaster.ts'
import { forwardReturn } from './labels.ts'

/** The frame of the request's own symbol. @throws {RangeError} When it is not among the frames. */
export function ownFrame(request: FitRequest): FeatureFrame {
  const frame = request.frames.find((candidate) => candidate.symbol === request.symbol)
  if (frame === undefined) {
    const given = request.frames.map((candidate) => candidate.symbol).join(', ')
    throw new RangeError(`No frame of ${request.symbol} among the given ones: ${given}`)
  }
  return frame
}

/** Rows of the own frame with a matured label and all `names` present. */
export function fittingRows(request: FitRequest, names: readonly string[]): Int32Array {
  const frame = ownFrame(request)
  const columns = names.map((name) => frameColumn(frame, name))
  const { from, to } = labelledRows(frame, request.span, request.horizon)
  const rows: number[] = []
  for (let row = from; row < to; row++) {
    if (columns.every((column) => Number.isFinite(column[row]))) rows.push(row)
  }
  return Int32Array.from(rows)
}

/** Labels of the rows [rows.length]. */
export function labelsOf(frame: FeatureFrame, rows: Int32Array, horizon: number): Float64Array {
  return Float64Array.from(rows, (row) => forwardReturn(frame, row, horizon))
}

/** @throws {TickerflowError} DATA_INSUFFICIENT unless at least `needed` rows are there. */
export function assertEnoughRows(
  request: FitRequest,
  model: string,
  counts: { readonly rows: number; readonly needed: number },
): void {
  if (counts.rows >= counts.needed) return
  const { from, to } = request.span
  throw new TickerflowError(
    'DATA_INSUFFICIENT',
    `${model} needs at least ${counts.needed} sessions of ${request.symbol} with all inputs and a ` +
      `matured label between ${formatDay(from)} and ${formatDay(to)}; there are ${counts.rows}. ` +
      'Give a longer history or start the evaluation later.',
    { details: { symbol: request.symbol, model, ...counts } },
  )
}
