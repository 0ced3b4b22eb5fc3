/**
 * The plain network: float64, readable, and for ever what faster kernels are checked against.
 *
 *   rows → windows [T, B, F] → layer → dropout → layer … → last h [B, H] → head → raw outputs [B, K]
 */
import { type AdamwVectors, adamwStep, createAdamwVectors, vectorNorm } from './adamw.ts'
import {
  assertArchitecture,
  type LayerSizes,
  type LstmArchitecture,
  layerSizes,
} from './architecture.ts'
import { applyDropout, type DropoutStream } from './dropout.ts'
import {
  type AdamwStep,
  assertOutputs,
  assertPacked,
  assertParameterLength,
  assertWindows,
  countRows,
  type LstmEngine,
  type LstmNetwork,
  type NetworkState,
  type PackedLayout,
  type PackedVector,
  type RowMatrix,
} from './engine.ts'
import { addProduct } from './matrix-product.ts'
import {
  type LayerParameters,
  type ParameterVector,
  parameterCount,
  viewParameters,
} from './parameters.ts'
import {
  backwardLayer,
  createLayerCache,
  forwardLayer,
  inputGradient,
  type LayerCache,
} from './reference-layer.ts'

export const referenceEngine: LstmEngine = {
  name: 'reference',
  createNetwork: (architecture) => new ReferenceNetwork(architecture),
}

/** Sizes of a layer's passes; only the batch changes from one pass to the next. */
interface LayerPass extends LayerSizes {
  readonly rows: number
  batch: number
}

class ReferenceNetwork implements LstmNetwork {
  readonly architecture: LstmArchitecture
  readonly packed: PackedLayout
  private readonly vectors: AdamwVectors
  /** Gradients of the micro-batch in hand, added to the others once they are complete. */
  private readonly batchGradients: Float64Array
  private steps = 0
  private readonly single = new Int32Array(1)
  private readonly passes: readonly LayerPass[]
  private readonly caches: readonly LayerCache[]
  private readonly weightViews: ReturnType<typeof viewParameters>
  private readonly gradientViews: ReturnType<typeof viewParameters>
  private rows: RowMatrix['values'] = new Float64Array(0)
  private rowCount = 0
  private batch = 0
  private dropout: DropoutStream | undefined

  constructor(architecture: LstmArchitecture) {
    assertArchitecture(architecture)
    this.architecture = architecture
    const count = parameterCount(architecture)
    this.packed = { length: count, bytesPerElement: 8 }
    this.vectors = createAdamwVectors(count)
    this.batchGradients = new Float64Array(count)
    this.weightViews = viewParameters(architecture, this.vectors.parameters)
    this.gradientViews = viewParameters(architecture, this.batchGradients)
    const rows = architecture.windowLength
    this.passes = layerSizes(architecture).map((sizes) => ({ ...sizes, rows, batch: 0 }))
    this.caches = this.passes.map((sizes) => createLayerCache(sizes, rows))
  }

  bindRows(rows: RowMatrix): void {
    this.rowCount = countRows(rows, this.architecture.inputSize)
    this.rows = rows.values
  }

  loadParameters(parameters: ParameterVector): void {
    assertParameterLength(parameters.length, this.vectors.parameters.length)
    this.vectors.parameters.set(parameters)
  }

  readParameters(out: ParameterVector): void {
    assertParameterLength(out.length, this.vectors.parameters.length)
    out.set(this.vectors.parameters)
  }

  forward(ends: Int32Array, count: number, outputs: Float64Array, dropout?: DropoutStream): void {
    assertWindows(ends, count, this.architecture.windowLength, this.rowCount)
    assertOutputs(outputs.length, count, this.architecture.outputSize)
    this.batch = count
    this.dropout = dropout
    this.gatherWindows(ends)
    for (let layer = 0; layer < this.passes.length; layer++) {
      const pass = this.pass(layer)
      pass.batch = count
      if (layer > 0) this.feedFromBelow(layer)
      forwardLayer(this.cache(layer), this.weights(layer), pass)
    }
    this.forwardHead(outputs)
  }

  /** Rows of every window into the lowest layer's input [T, B, F]. */
  private gatherWindows(ends: Int32Array): void {
    const { inputSize: F, windowLength: T } = this.architecture
    const { input } = this.cache(0)
    for (let t = 0; t < T; t++) {
      for (let b = 0; b < this.batch; b++) {
        const from = ((ends[b] as number) - T + 1 + t) * F
        const to = (t * this.batch + b) * F
        for (let k = 0; k < F; k++) input[to + k] = this.rows[from + k] as number
      }
    }
  }

  /** The output of the layer below, some of it dropped, as a layer's input. */
  private feedFromBelow(layer: number): void {
    const below = this.cache(layer - 1).hidden
    const { input } = this.cache(layer)
    const { rows, batch, input: width } = this.pass(layer)
    const cells = rows * batch * width
    for (let i = 0; i < cells; i++) input[i] = below[i] as number
    if (this.dropout) applyDropout(input, this.dropout, { layer, rows, batch, width })
  }

  private forwardHead(outputs: Float64Array): void {
    const { outputSize: K, windowLength: T } = this.architecture
    const { weight, bias } = this.weightViews.head
    const B = this.batch
    const top = this.passes.length - 1
    const H = this.pass(top).hidden
    const last = (T - 1) * B * H
    for (let b = 0; b < B; b++) outputs.set(bias, b * K) //                       raw  [B, K]
    addProduct(outputs, 0, this.cache(top).hidden, last, H, 1, weight, 0, 1, H, B, K, H)
  }

  infer(end: number, outputs: Float64Array): void {
    this.single[0] = end
    this.forward(this.single, 1, outputs)
  }

  zeroGradients(): void {
    this.vectors.gradients.fill(0)
  }

  backward(outputGradients: Float64Array, into?: PackedVector): void {
    assertOutputs(outputGradients.length, this.batch, this.architecture.outputSize)
    if (into) assertPacked(into, this.packed)
    this.batchGradients.fill(0)
    this.backwardHead(outputGradients)
    for (let layer = this.passes.length - 1; layer >= 0; layer--) {
      const gradients = this.gradientViews.layers[layer] as LayerParameters
      backwardLayer(this.cache(layer), this.weights(layer), gradients, this.pass(layer))
      if (layer > 0) this.passBelow(layer)
    }
    if (into) into.set(this.batchGradients)
    else this.addGradients(this.batchGradients)
  }

  addGradients(added: PackedVector): void {
    assertPacked(added, this.packed)
    const { gradients } = this.vectors
    for (let i = 0; i < gradients.length; i++) {
      gradients[i] = (gradients[i] as number) + (added[i] as number)
    }
  }

  copyWeights(out: PackedVector): void {
    assertPacked(out, this.packed)
    out.set(this.vectors.parameters)
  }

  adoptWeights(weights: PackedVector): void {
    assertPacked(weights, this.packed)
    this.vectors.parameters.set(weights)
  }

  /** Gradients of the head, and the gradient by the top layer's last output. */
  private backwardHead(outputGradients: Float64Array): void {
    const { outputSize: K, windowLength: T } = this.architecture
    const { weight, bias } = this.gradientViews.head
    const B = this.batch
    const top = this.passes.length - 1
    const H = this.pass(top).hidden
    const { hidden, hiddenGradient } = this.cache(top)
    const last = (T - 1) * B * H
    addProduct(weight, 0, outputGradients, 0, 1, K, hidden, last, H, 1, K, H, B) //  drawᵀ · h
    for (let b = 0; b < B; b++) {
      for (let k = 0; k < K; k++) {
        bias[k] = (bias[k] as number) + (outputGradients[b * K + k] as number)
      }
    }
    hiddenGradient.fill(0, 0, T * B * H)
    const { weight: w } = this.weightViews.head
    addProduct(hiddenGradient, last, outputGradients, 0, K, 1, w, 0, H, 1, B, H, K) // draw · W
  }

  /** The gradient by a layer's input becomes the gradient by the output of the layer below. */
  private passBelow(layer: number): void {
    const out = this.cache(layer - 1).hiddenGradient
    const sizes = this.pass(layer)
    inputGradient(out, this.cache(layer), this.weights(layer), sizes)
    const { rows, batch, input: width } = sizes
    if (this.dropout) applyDropout(out, this.dropout, { layer, rows, batch, width })
  }

  private cache(layer: number): LayerCache {
    return this.caches[layer] as LayerCache
  }

  private pass(layer: number): LayerPass {
    return this.passes[layer] as LayerPass
  }

  private weights(layer: number): LayerParameters {
    return this.weightViews.layers[layer] as LayerParameters
  }

  readGradients(out: ParameterVector): void {
    assertParameterLength(out.length, this.vectors.gradients.length)
    out.set(this.vectors.gradients)
  }

  gradientNorm(): number {
    return vectorNorm(this.vectors.gradients)
  }

  adamwStep(step: AdamwStep): void {
    this.steps++
    adamwStep(this.vectors, step, this.steps)
  }

  readState(): NetworkState {
    return {
      parameters: this.vectors.parameters.slice(),
      firstMoment: this.vectors.firstMoment.slice(),
      secondMoment: this.vectors.secondMoment.slice(),
      steps: this.steps,
    }
  }

  loadState(state: NetworkState): void {
    this.loadParameters(state.parameters as Float64Array<ArrayBuffer>)
    assertParameterLength(state.firstMoment.length, this.vectors.parameters.length)
    assertParameterLength(state.secondMoment.length, this.vectors.parameters.length)
    this.vectors.firstMoment.set(state.firstMoment)
    this.vectors.secondMoment.set(state.secondMoment)
    this.steps = state.steps
  }
}
