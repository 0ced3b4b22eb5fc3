/**
 * One LSTM layer in plain float64: forward pass, and backpropagation through time.
 *
 *   i, f, o = σ(z)   g = tanh(z)   z = W_ih·x + b_ih + W_hh·h' + b_hh     (h', c' of the row before)
 *   c = f·c' + i·g   h = o·tanh(c)
 *
 * Letters in the comments: T rows per window, B windows of the micro-batch, D inputs, H units. Every
 * array is row-major with time outermost, so that one row of time is one contiguous matrix.
 *
 * Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 */
import { exp, tanh } from '../numerics/elementary.ts'
import type { LayerSizes } from './architecture.ts'
import { MICRO_BATCH } from './engine.ts'
import { addProduct } from './matrix-product.ts'
import type { LayerParameters } from './parameters.ts'

/** What a layer computes on the way forward and needs on the way back. */
export interface LayerCache {
  /** What the layer reads [T, B, D]. */
  readonly input: Float64Array
  /** Gates after activation, in order i, f, g, o; on the way back, their gradients [T, B, 4H]. */
  readonly gates: Float64Array
  /** Cell state c [T, B, H]. */
  readonly cell: Float64Array
  /** tanh(c) [T, B, H]. */
  readonly cellTanh: Float64Array
  /** Output h [T, B, H]. */
  readonly hidden: Float64Array
  /** Gradient by h, from above and, on the way back, from later rows [T, B, H]. */
  readonly hiddenGradient: Float64Array
  /** Gradient by c of the row in hand [B, H]. */
  readonly cellGradient: Float64Array
}

export function createLayerCache(sizes: LayerSizes, windowLength: number): LayerCache {
  const cells = windowLength * MICRO_BATCH
  return {
    input: new Float64Array(cells * sizes.input),
    gates: new Float64Array(cells * 4 * sizes.hidden),
    cell: new Float64Array(cells * sizes.hidden),
    cellTanh: new Float64Array(cells * sizes.hidden),
    hidden: new Float64Array(cells * sizes.hidden),
    hiddenGradient: new Float64Array(cells * sizes.hidden),
    cellGradient: new Float64Array(MICRO_BATCH * sizes.hidden),
  }
}

/** Sizes of one pass. */
export interface PassSizes extends LayerSizes {
  /** T. */
  readonly rows: number
  /** B. */
  readonly batch: number
}

/** Fills the cache's gates, cell and hidden from its input. */
export function forwardLayer(cache: LayerCache, weights: LayerParameters, sizes: PassSizes): void {
  const { rows: T, batch: B, input: D, hidden: H } = sizes
  const { input, gates, hidden } = cache
  const { weightInput, weightHidden } = weights
  fillBiases(gates, weights, sizes) //                                                z  [T, B, 4H]
  addProduct(gates, 0, input, 0, D, 1, weightInput, 0, 1, D, T * B, 4 * H, D) //      += x · W_ihᵀ
  for (let t = 0; t < T; t++) {
    const before = (t - 1) * B * H
    const now = t * B * 4 * H
    if (t > 0) addProduct(gates, now, hidden, before, H, 1, weightHidden, 0, 1, H, B, 4 * H, H)
    activateRow(cache, t, sizes)
  }
}

function fillBiases(gates: Float64Array, weights: LayerParameters, sizes: PassSizes): void {
  const { biasInput, biasHidden } = weights
  const width = 4 * sizes.hidden
  for (let j = 0; j < width; j++) gates[j] = (biasInput[j] as number) + (biasHidden[j] as number)
  const cells = sizes.rows * sizes.batch
  for (let cell = 1; cell < cells; cell++) gates.copyWithin(cell * width, 0, width)
}

/** Gates, cell state and output of row t from the sums z. */
function activateRow(cache: LayerCache, t: number, sizes: PassSizes): void {
  const { batch: B, hidden: H } = sizes
  const { gates, cell, cellTanh, hidden } = cache
  for (let b = 0; b < B; b++) {
    const gate = (t * B + b) * 4 * H
    const state = (t * B + b) * H
    for (let j = 0; j < H; j++) {
      const i = sigmoid(gates[gate + j] as number)
      const f = sigmoid(gates[gate + H + j] as number)
      const g = tanh(gates[gate + 2 * H + j] as number)
      const o = sigmoid(gates[gate + 3 * H + j] as number)
      const kept = t === 0 ? 0 : f * (cell[state - B * H + j] as number)
      const c = kept + i * g
      const squashed = tanh(c)
      gates[gate + j] = i
      gates[gate + H + j] = f
      gates[gate + 2 * H + j] = g
      gates[gate + 3 * H + j] = o
      cell[state + j] = c
      cellTanh[state + j] = squashed
      hidden[state + j] = o * squashed
    }
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}

/**
 * Adds the layer's weight gradients; the cache's `hiddenGradient` holds the gradient from above, and
 * its gates are overwritten with their gradients.
 */
export function backwardLayer(
  cache: LayerCache,
  weights: LayerParameters,
  gradients: LayerParameters,
  sizes: PassSizes,
): void {
  const { rows: T, batch: B, input: D, hidden: H } = sizes
  const { input, gates, hidden, hiddenGradient } = cache
  const { weightInput, weightHidden } = gradients
  cache.cellGradient.fill(0)
  for (let t = T - 1; t >= 0; t--) {
    const dz = t * B * 4 * H
    const before = (t - 1) * B * H
    differentiateRow(cache, t, sizes)
    addProduct(weightInput, 0, gates, dz, 1, 4 * H, input, t * B * D, D, 1, 4 * H, D, B) // dzᵀ · x
    addBiasGradients(gradients, gates, dz, B)
    if (t === 0) break
    addProduct(weightHidden, 0, gates, dz, 1, 4 * H, hidden, before, H, 1, 4 * H, H, B) //  dzᵀ · h'
    const { weightHidden: w } = weights
    addProduct(hiddenGradient, before, gates, dz, 4 * H, 1, w, 0, H, 1, B, H, 4 * H) //     dz · W_hh
  }
}

/** Gate gradients of row t in place of its gates, and the cell gradient carried to row t - 1. */
function differentiateRow(cache: LayerCache, t: number, sizes: PassSizes): void {
  const { batch: B, hidden: H } = sizes
  const { gates, cell, cellTanh, hiddenGradient, cellGradient } = cache
  for (let b = 0; b < B; b++) {
    const gate = (t * B + b) * 4 * H
    const state = (t * B + b) * H
    for (let j = 0; j < H; j++) {
      const i = gates[gate + j] as number
      const f = gates[gate + H + j] as number
      const g = gates[gate + 2 * H + j] as number
      const o = gates[gate + 3 * H + j] as number
      const squashed = cellTanh[state + j] as number
      const before = t === 0 ? 0 : (cell[state - B * H + j] as number)
      const dh = hiddenGradient[state + j] as number
      const dc = (cellGradient[b * H + j] as number) + dh * o * (1 - squashed * squashed)
      gates[gate + j] = dc * g * i * (1 - i)
      gates[gate + H + j] = dc * before * f * (1 - f)
      gates[gate + 2 * H + j] = dc * i * (1 - g * g)
      gates[gate + 3 * H + j] = dh * squashed * o * (1 - o)
      cellGradient[b * H + j] = dc * f
    }
  }
}

/** Both biases have the same gradient: the gate gradients summed over the windows. */
function addBiasGradients(
  gradients: LayerParameters,
  gates: Float64Array,
  dz: number,
  B: number,
): void {
  const { biasInput, biasHidden } = gradients
  const width = biasInput.length
  for (let j = 0; j < width; j++) {
    let sum = 0
    for (let b = 0; b < B; b++) sum += gates[dz + b * width + j] as number
    biasInput[j] = (biasInput[j] as number) + sum
    biasHidden[j] = (biasHidden[j] as number) + sum
  }
}

/** Sets `out` [T, B, D] to the gradient by the layer's input: dz · W_ih. */
export function inputGradient(
  out: Float64Array,
  cache: LayerCache,
  weights: LayerParameters,
  sizes: PassSizes,
): void {
  const { rows: T, batch: B, input: D, hidden: H } = sizes
  out.fill(0, 0, T * B * D)
  addProduct(out, 0, cache.gates, 0, 4 * H, 1, weights.weightInput, 0, D, 1, T * B, D, 4 * H)
}
