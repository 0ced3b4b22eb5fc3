/**
 * The port between the training loop and whatever computes a network: the plain reference, or
 * kernels. One contract suite runs over every engine.
 *
 * A network works on at most `MICRO_BATCH` windows at a time. A larger batch is several of them,
 * whose gradients are each summed from zero and then added up in order: the result is the same
 * whoever computes a micro-batch, and whenever.
 */
import type { LstmArchitecture } from './architecture.ts'
import type { DropoutStream } from './dropout.ts'

import type { ParameterVector } from './parameters.ts'

/** Windows per forward and backward pass; the caches hold the activations of so many. */
export const MICRO_BATCH = 64

/** A matrix [n, F], row-major: standardised feature rows in order of time. */
export interface RowMatrix {
  readonly values: Float64Array | Float32Array
  /** F. */
  readonly width: number
}

export interface LstmEngine {
  /** Recorded with every model: `reference`, or the kernel binary that was used. */
  readonly name: string
  /** SHA-256 (hex) of the kernel binary; the reference has none. */
  readonly binaryDigest?: string
  createNetwork(architecture: LstmArchitecture): LstmNetwork
}

/** One AdamW step; see `adamwStep` for what each number does. */
export interface AdamwStep {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  /** Gradients are multiplied by this first: the clipping factor. */
  readonly gradientScale: number
}

/** Weights and optimiser state at full precision, for checkpoints. */
export interface NetworkState {
  readonly parameters: Float64Array
  readonly firstMoment: Float64Array
  readonly secondMoment: Float64Array
  /** AdamW steps taken. */
  readonly steps: number
}

/**
 * Weights or gradients in an engine's own layout, for other networks of the same engine and
 * architecture: copied as they are, to the bit.
 */
export type PackedVector = Float32Array | Float64Array

/** What a network's packed vectors are like. */
export interface PackedLayout {
  readonly length: number
  readonly bytesPerElement: 4 | 8
}

/**
 * A network with its weights, gradients, optimiser state and working memory.
 *
 * What a training step calls allocates nothing. A window is named by the row of `bindRows` at which it ends.
 */
export interface LstmNetwork {
  readonly architecture: LstmArchitecture
  readonly packed: PackedLayout
  /** Sets the rows that windows lie in. @throws {RangeError} When the width is not F. */
  bindRows(rows: RowMatrix): void
  /** Sets the weights, in the order of `parameterTensors`. */
  loadParameters(parameters: ParameterVector): void
  readParameters(out: ParameterVector): void
  /**
   * Runs `count` windows and keeps what `backward` needs.
   *
   * @param ends    Last row of each window; the first `count` are used, at most `MICRO_BATCH`.
   * @param outputs Receives the raw outputs [count, K].
   * @param dropout Drops outputs between layers; without it nothing is dropped.
   */
  forward(ends: Int32Array, count: number, outputs: Float64Array, dropout?: DropoutStream): void
  /**
   * Runs the one window that ends at row `end` for its outputs [K] alone: the same bits as `forward`,
   * sooner. What `backward` needs is lost.
   */
  infer(end: number, outputs: Float64Array): void
  zeroGradients(): void
  /**
   * Adds the gradients of the windows last run to the network's, or writes them elsewhere.
   *
   * @param outputGradients Derivative of the loss by the raw outputs [count, K].
   * @param into            Receives them instead; `addGradients` then does what was left out.
   */
  backward(outputGradients: Float64Array, into?: PackedVector): void
  /** Adds what another network's `backward` wrote. */
  addGradients(gradients: PackedVector): void
  copyWeights(out: PackedVector): void
  /** Sets the weights to those of another network. */
  adoptWeights(weights: PackedVector): void
  /** Copies the gradients, in the order of `parameterTensors`. */
  readGradients(out: ParameterVector): void
  /** Euclidean norm of all gradients, summed in a fixed order. */
  gradientNorm(): number
  adamwStep(step: AdamwStep): void
  readState(): NetworkState
  loadState(state: NetworkState): void
}

/**
 * @throws {RangeError} When a window of the batch does not lie in the rows, or the batch is not of
 *   1 to `MICRO_BATCH` windows.
 */
export function assertWindows(
  ends: Int32Array,
  count: number,
  windowLength: number,
  rowCount: number,
): void {
  if (!(count >= 1 && count <= MICRO_BATCH && count <= ends.length)) {
    throw new RangeError(
      `A batch has 1 to ${MICRO_BATCH} windows and an end row for each: ${count} windows, ${ends.length} ends`,
    )
  }
  for (let window = 0; window < count; window++) {
    assertWindow(ends[window] as number, windowLength, rowCount)
  }
}

/** @throws {RangeError} When a window does not lie in the rows. */
export function assertWindow(end: number, windowLength: number, rowCount: number): void {
  if (end >= windowLength - 1 && end < rowCount) return
  throw new RangeError(
    `A window ends at row ${end}: expected ${windowLength - 1} to ${rowCount - 1} ` +
      `for windows of ${windowLength} rows in a matrix of ${rowCount}`,
  )
}

/** @throws {RangeError} When an array can't hold [count, K]. */
export function assertOutputs(length: number, count: number, outputSize: number): void {
  if (length >= count * outputSize) return
  throw new RangeError(`Expected room for outputs [${count}, ${outputSize}], received ${length}`)
}

/** Number of rows. @throws {RangeError} When the matrix is not [n, F]; says what came. */
export function countRows(rows: RowMatrix, inputSize: number): number {
  if (rows.width === inputSize && rows.values.length % inputSize === 0) {
    return rows.values.length / inputSize
  }
  throw new RangeError(
    `Expected rows [n, ${inputSize}], received ${rows.values.length} values of width ${rows.width}`,
  )
}

/** @throws {RangeError} When a packed vector is not of the network's layout. */
export function assertPacked(
  { length, BYTES_PER_ELEMENT }: PackedVector,
  expected: PackedLayout,
): void {
  if (length === expected.length && BYTES_PER_ELEMENT === expected.bytesPerElement) return
  throw new RangeError(
    `Expected ${expected.length} packed elements of ${expected.bytesPerElement} bytes, ` +
      `received ${length} of ${BYTES_PER_ELEMENT}`,
  )
}

/** @throws {RangeError} When the vector's length is not the network's number of parameters. */
export function assertParameterLength(received: number, expected: number): void {
  if (received === expected) return
  throw new RangeError(`Expected ${expected} parameters, received ${received}`)
}
