/** Which windows to learn from: the row each ends at, what came after it, and how much it counts. */
import { TickerflowError } from '../errors.ts'
import type { LstmArchitecture } from './architecture.ts'
import { countRows, type RowMatrix } from './engine.ts'

export interface TrainingWindows {
  /** Last row of each window [n]; a window is the T rows up to and including it. */
  readonly ends: Int32Array
  /** What the network should foresee from each window [n], standardised. */
  readonly targets: Float64Array
  /** Weight of each window in the loss [n], >= 0; all 1 when left out. */
  readonly weights?: Float64Array
}

/**
 * Checks everything that training will read.
 *
 * @param name For messages: `training`, `validation`.
 * @throws {RangeError} On lengths that disagree, windows outside the rows, no positive weight.
 * @throws {TickerflowError} INPUT_NOT_FINITE with the place of the first NaN or infinity, in float32.
 */
export function assertTrainingWindows(
  windows: TrainingWindows,
  rows: RowMatrix,
  { architecture, name }: { readonly architecture: LstmArchitecture; readonly name: string },
): void {
  const { ends, targets, weights } = windows
  if (ends.length === 0) throw new RangeError(`There are no ${name} windows`)
  if (targets.length !== ends.length) {
    throw new RangeError(
      `${name}: ${ends.length} windows need as many targets, not ${targets.length}`,
    )
  }
  if (weights && weights.length !== ends.length) {
    throw new RangeError(
      `${name}: ${ends.length} windows need as many weights, not ${weights.length}`,
    )
  }
  assertFinite(targets, `${name} targets`)
  if (weights) assertWeights(weights, name)
  assertFiniteWindows(ends, rows, { architecture, name })
}

function assertFinite(values: Float64Array, name: string): void {
  const at = values.findIndex((value) => !isFiniteFloat32(value))
  if (at >= 0) throw notFinite(`${name}[${at}]`, values[at] as number, { index: at })
}

function assertWeights(weights: Float64Array, name: string): void {
  assertFinite(weights, `${name} weights`)
  const negative = weights.findIndex((weight) => weight < 0)
  if (negative >= 0) {
    throw new RangeError(`${name} weights[${negative}] is ${weights[negative]}: expected >= 0`)
  }
  if (weights.every((weight) => weight === 0)) throw new RangeError(`All ${name} weights are 0`)
}

/** Looks at every row that a window covers, once. */
function assertFiniteWindows(
  ends: Int32Array,
  rows: RowMatrix,
  { architecture, name }: { readonly architecture: LstmArchitecture; readonly name: string },
): void {
  const { inputSize, windowLength } = architecture
  const count = countRows(rows, inputSize)
  const seen = new Uint8Array(count)
  for (const [window, end] of ends.entries()) {
    if (end < windowLength - 1 || end >= count) {
      throw new RangeError(
        `${name} window ${window} ends at row ${end}: expected ${windowLength - 1} to ${count - 1} ` +
          `for windows of ${windowLength} rows in a matrix of ${count}`,
      )
    }
    for (let row = end - windowLength + 1; row <= end; row++) {
      if (seen[row] === 0) assertFiniteRow(rows, row)
      seen[row] = 1
    }
  }
}

/** @throws {TickerflowError} INPUT_NOT_FINITE with the row and column of the first NaN or infinity. */
export function assertFiniteRow({ values, width }: RowMatrix, row: number): void {
  for (let column = 0; column < width; column++) {
    const value = values[row * width + column] as number
    if (!isFiniteFloat32(value)) {
      throw notFinite(`Row ${row}, column ${column}`, value, { row, column })
    }
  }
}

/** The kernels compute in float32, where anything beyond 3.4e38 is infinite. */
function isFiniteFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value))
}

function notFinite(place: string, value: number, where: Record<string, number>): TickerflowError {
  return new TickerflowError(
    'INPUT_NOT_FINITE',
    `${place} is ${value}: the network needs finite float32 numbers; leave such windows out or repair the data`,
    { details: { ...where, value: String(value) } },
  )
}
