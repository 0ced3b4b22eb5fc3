/** A trained network at work: one window in, raw outputs out. */
import type { LstmEngine, RowMatrix } from './engine.ts'
import { referenceEngine } from './reference-engine.ts'
import type { LstmModel } from './serialise.ts'
import { assertFiniteRow } from './windows.ts'

export interface LstmPredictor {
  /**
   * The raw outputs [K] of the window whose last row is `end`; links of the loss turn them into
   * parameters. The array is reused by the next call.
   *
   * @param rows Standardised rows [n, F]; only the window's T rows are read.
   * @throws {RangeError} When the window does not lie in the rows.
   * @throws {TickerflowError} INPUT_NOT_FINITE with the place of a NaN or infinity in the window.
   */
  predict(rows: RowMatrix, end: number): Float64Array
}

/** @param engine Left out: the plain reference. */
export function createLstmPredictor(
  model: Pick<LstmModel, 'architecture' | 'weights'>,
  engine: LstmEngine = referenceEngine,
): LstmPredictor {
  const network = engine.createNetwork(model.architecture)
  network.loadParameters(model.weights)
  const { windowLength, outputSize } = model.architecture
  const outputs = new Float64Array(outputSize)
  return {
    predict(rows, end) {
      network.bindRows(windowRows(rows, end, windowLength))
      for (let row = end - windowLength + 1; row <= end; row++) assertFiniteRow(rows, row)
      network.infer(windowLength - 1, outputs)
      return outputs
    },
  }
}

/** The T rows up to and including `end`, as a view. */
function windowRows({ values, width }: RowMatrix, end: number, windowLength: number): RowMatrix {
  const first = end - windowLength + 1
  if (first >= 0 && (end + 1) * width <= values.length) {
    return { values: values.subarray(first * width, (end + 1) * width), width }
  }
  throw new RangeError(
    `A window of ${windowLength} rows can't end at row ${end} of a matrix of ${values.length / width}`,
  )
}
