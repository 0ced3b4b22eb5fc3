/** The columns of an exported model's input, and the row of raw values for one forecast. */
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'

export interface InputColumn {
  /** `<feature>_lag<k>`, k sessions before the forecast is made. */
  readonly name: string
  valueAt(frame: FeatureFrame, at: number): number
}

/** The raw value of a feature `lag` sessions before. */
export function laggedFeature(feature: string, lag = 0): InputColumn {
  return {
    name: `${feature}_lag${lag}`,
    valueAt: (frame, at) => frameColumn(frame, feature)[at - lag] ?? Number.NaN,
  }
}

/** Windows of T rows: all features of the oldest row, lag T − 1, first. */
export function laggedWindow(features: readonly string[], windowLength: number): InputColumn[] {
  return Array.from({ length: windowLength }, (_, row) =>
    features.map((feature) => laggedFeature(feature, windowLength - 1 - row)),
  ).flat()
}

/**
 * What an exported model reads for the forecast at the close of row `at`.
 *
 * @returns Raw values [columns] in float32; `undefined` where one is missing, where the forecaster
 *   itself gives no forecast either.
 */
export function onnxInputRow(
  frame: FeatureFrame,
  at: number,
  columns: readonly InputColumn[],
): Float32Array | undefined {
  const row = Float32Array.from(columns, (column) => column.valueAt(frame, at))
  return row.every(Number.isFinite) ? row : undefined
}
