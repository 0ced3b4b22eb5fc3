/** A row that a model can be called with at once: what it read for its latest forecast. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import { type InputColumn, onnxInputRow } from '../forecast/onnx/input-columns.ts'

/** Of a table with named columns, and of a request to MLflow's scoring server. */
export const EXAMPLE_FILES = {
  table: 'input_example.json',
  request: 'serving_input_example.json',
} as const

/** Contents by file name; none when the frame's last row lacks a value. */
export function exampleFiles(
  columns: readonly InputColumn[],
  frame: FeatureFrame,
): ReadonlyMap<string, string> {
  const row = onnxInputRow(frame, frame.date.length - 1, columns)
  if (row === undefined) return new Map()
  const table = { columns: columns.map(({ name }) => name), data: [[...row]] }
  return new Map([
    [EXAMPLE_FILES.table, `${JSON.stringify(table)}\n`],
    [EXAMPLE_FILES.request, `${JSON.stringify({ dataframe_split: table })}\n`],
  ])
}
