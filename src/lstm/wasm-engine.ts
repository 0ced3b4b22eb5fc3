/** The engine on WebAssembly kernels: float32, four lanes at a time, the same bits everywhere. */
import { pow } from '../numerics/elementary.ts'
import { assertArchitecture, type LstmArchitecture } from './architecture.ts'
import { type DropoutStream, dropoutThreshold } from './dropout.ts'
import {
  type AdamwStep,
  assertOutputs,
  assertPacked,
  assertParameterLength,
  assertWindow,
  assertWindows,
  countRows,
  type LstmEngine,
  type LstmNetwork,
  type NetworkState,
  type PackedLayout,
  type PackedVector,
  type RowMatrix,
} from './engine.ts'
import type { ParameterVector } from './parameters.ts'
import {
  type KernelBinary,
  type LoadedKernels,
  type LstmKernels,
  loadKernels,
} from './wasm-kernels.ts'
import {
  type LayerPlan,
  type MemoryPlan,
  type MemoryViews,
  packedPlaces,
  padTo,
  planMemory,
  viewMemory,
} from './wasm-memory.ts'

const PAGE_BYTES = 65536

/**
 * @param wideTiles Tiles twice as wide: for a JavaScript engine that joins vectors to 256 bits.
 * @throws {TickerflowError} ENGINE_UNAVAILABLE when that binary can't run here.
 */
export function createWasmEngine(
  binary: KernelBinary,
  { wideTiles }: { readonly wideTiles: boolean },
): LstmEngine {
  const kernels = loadKernels(binary)
  return {
    name: `wasm-${binary}`,
    binaryDigest: kernels.digest,
    createNetwork: (architecture) => new WasmNetwork(architecture, kernels, wideTiles),
  }
}

class WasmNetwork implements LstmNetwork {
  readonly architecture: LstmArchitecture
  readonly packed: PackedLayout
  private readonly plan: MemoryPlan
  private readonly places: Int32Array
  private readonly memory: WebAssembly.Memory
  private readonly kernels: LstmKernels
  /** 1 for tiles twice as wide. */
  private readonly wide: number
  private views: MemoryViews
  private rowCount = 0
  private steps = 0
  /** Windows of the micro-batch in hand, and the same padded to a multiple of 4. */
  private windows = 0
  private batch = 0
  private dropout: DropoutStream | undefined

  constructor(architecture: LstmArchitecture, kernels: LoadedKernels, wideTiles: boolean) {
    this.wide = wideTiles ? 1 : 0
    assertArchitecture(architecture)
    this.architecture = architecture
    this.plan = planMemory(architecture)
    this.packed = { length: this.plan.packedLength, bytesPerElement: 4 }
    this.places = packedPlaces(architecture, this.plan)
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.plan.rows / PAGE_BYTES) })
    this.kernels = kernels.instantiate(this.memory)
    this.views = viewMemory(this.memory, this.plan)
  }

  bindRows(rows: RowMatrix): void {
    this.rowCount = countRows(rows, this.architecture.inputSize)
    const missing = this.plan.rows + rows.values.length * 4 - this.memory.buffer.byteLength
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE_BYTES))
      this.views = viewMemory(this.memory, this.plan)
    }
    this.views.floats.set(rows.values, this.plan.rows / 4)
  }

  loadParameters(parameters: ParameterVector): void {
    this.writePacked(this.plan.parameters, parameters)
    this.refreshCopies()
  }

  readParameters(out: ParameterVector): void {
    this.readPacked(this.plan.parameters, out)
  }

  private writePacked(address: number, values: Float64Array | Float32Array): void {
    const { places } = this
    const { floats } = this.views
    assertParameterLength(values.length, places.length)
    const base = address / 4
    for (let i = 0; i < places.length; i++) {
      floats[base + (places[i] as number)] = values[i] as number
    }
  }

  private readPacked(address: number, out: Float64Array | Float32Array): void {
    const { places } = this
    const { floats } = this.views
    assertParameterLength(out.length, places.length)
    const base = address / 4
    for (let i = 0; i < places.length; i++) {
      out[i] = floats[base + (places[i] as number)] as number
    }
  }

  /** What the kernels read besides the weights themselves: summed biases, transposed weights. */
  private refreshCopies(): void {
    const { kernels, plan, wide } = this
    for (let index = 0; index < plan.layers.length; index++) {
      const layer = this.layer(index)
      const { input: D, hidden: H } = layer
      const biasInput = plan.parameters + 4 * layer.biasInputAt
      const biasHidden = plan.parameters + 4 * layer.biasHiddenAt
      const weights = plan.parameters + 4 * layer.weightsAt
      kernels.sumVectors(4 * H, layer.bias, biasInput, biasHidden)
      kernels.transposeWeights(wide, D + H, D, H, H, weights, layer.transposed)
      if (index > 0) kernels.transposeWeights(wide, D + H, 0, D, H, weights, layer.transposedInput)
    }
  }

  private layer(index: number): LayerPlan {
    return this.plan.layers[index] as LayerPlan
  }

  forward(ends: Int32Array, count: number, outputs: Float64Array, dropout?: DropoutStream): void {
    const { inputSize: F, windowLength: T, outputSize: K } = this.architecture
    assertWindows(ends, count, T, this.rowCount)
    assertOutputs(outputs.length, count, K)
    const { kernels, plan } = this
    this.windows = count
    this.batch = padTo(4, count)
    this.dropout = dropout
    const B = this.batch
    for (let b = 0; b < count; b++) this.views.integers[plan.ends / 4 + b] = ends[b] as number
    const { input, inputPairs, inputQuads } = this.layer(0)
    kernels.gatherWindows(plan.rows, F, plan.ends, count, T, B, input, inputPairs, inputQuads)
    for (let index = 0; index < plan.layers.length; index++) this.forwardLayer(index)
    const { hidden: H, hiddenQuads } = this.layer(plan.layers.length - 1)
    const last = hiddenQuads + (T - 1) * B * H * 4
    this.forwardHead(count, B, last)
    this.readOutputs(count, outputs)
  }

  private forwardLayer(index: number): void {
    const { kernels, plan } = this
    const T = this.architecture.windowLength
    const layer = this.layer(index)
    if (index > 0 && this.dropout) this.dropInput(index, this.dropout)
    kernels.forwardLayer(
      this.wide,
      T,
      this.batch,
      layer.input,
      layer.hidden,
      plan.parameters + 4 * layer.weightsAt,
      layer.bias,
      this.readsBelow(index) ? this.layer(index - 1).hiddenPairs : layer.inputPairs,
      layer.gates,
      layer.cell,
      layer.cellTanh,
      layer.hiddenPairs,
      layer.hiddenQuads,
    )
  }

  /** Whether a layer reads the hidden states below where they lie. */
  private readsBelow(index: number): boolean {
    return index > 0 && !this.dropout
  }

  private dropInput(index: number, { rate, key, step, firstWindow }: DropoutStream): void {
    const { input, inputPairs, inputQuads, factors } = this.layer(index)
    this.kernels.dropInput(
      this.architecture.windowLength,
      this.batch,
      input,
      index,
      firstWindow,
      step,
      key[0],
      key[1],
      dropoutThreshold(rate),
      1 / (1 - rate),
      this.layer(index - 1).hiddenQuads,
      inputQuads,
      inputPairs,
      factors,
    )
  }

  /** @param hidden The last hidden states as quads of B windows. */
  private forwardHead(windows: number, B: number, hidden: number): void {
    const { kernels, plan } = this
    const { hidden: H } = this.layer(plan.layers.length - 1)
    const weight = plan.parameters + 4 * plan.headWeightAt
    const bias = plan.parameters + 4 * plan.headBiasAt
    const K = this.architecture.outputSize
    kernels.forwardHead(windows, B, H, K, weight, bias, hidden, plan.outputs)
  }

  private readOutputs(count: number, outputs: Float64Array): void {
    const base = this.plan.outputs / 4
    const length = count * this.architecture.outputSize
    for (let i = 0; i < length; i++) outputs[i] = this.views.floats[base + i] as number
  }

  infer(end: number, outputs: Float64Array): void {
    const { inputSize: F, windowLength: T, outputSize: K } = this.architecture
    assertWindow(end, T, this.rowCount)
    assertOutputs(outputs.length, 1, K)
    const { kernels, plan } = this
    let x = plan.rows + (end - T + 1) * F * 4
    let terms = F
    for (let index = 0; index < plan.layers.length; index++) {
      const { input: D, hidden: H, weightsAt, bias, cellGradient, hiddenPairs } = this.layer(index)
      const weights = plan.parameters + 4 * weightsAt
      kernels.inferLayer(T, terms, D, H, weights, bias, x, 4 * terms, cellGradient, hiddenPairs)
      x = hiddenPairs
      terms = H
    }
    this.forwardHead(1, 1, x + (T - 1) * terms * 4)
    this.readOutputs(1, outputs)
  }

  zeroGradients(): void {
    this.zero(this.plan.gradients, this.plan.packedLength)
  }

  private zero(address: number, length: number): void {
    this.views.floats.fill(0, address / 4, address / 4 + length)
  }

  backward(outputGradients: Float64Array, into?: PackedVector): void {
    const { outputSize: K } = this.architecture
    const { kernels, plan } = this
    assertOutputs(outputGradients.length, this.windows, K)
    if (into) assertPacked(into, this.packed)
    this.zero(plan.batchGradients, plan.packedLength)
    this.zero(plan.outputGradients, this.batch * K)
    const base = plan.outputGradients / 4
    for (let i = 0; i < this.windows * K; i++) {
      this.views.floats[base + i] = outputGradients[i] as number
    }
    this.backwardHead()
    for (let index = plan.layers.length - 1; index >= 0; index--) this.backwardLayer(index)
    if (into) into.set(this.views.batchGradients)
    else kernels.addVector(plan.packedLength, plan.gradients, plan.batchGradients)
  }

  addGradients(gradients: PackedVector): void {
    assertPacked(gradients, this.packed)
    this.views.batchGradients.set(gradients)
    const { packedLength, gradients: sum, batchGradients } = this.plan
    this.kernels.addVector(packedLength, sum, batchGradients)
  }

  copyWeights(out: PackedVector): void {
    assertPacked(out, this.packed)
    out.set(this.views.weights)
  }

  adoptWeights(weights: PackedVector): void {
    assertPacked(weights, this.packed)
    this.views.weights.set(weights)
    this.refreshCopies()
  }

  private backwardHead(): void {
    const { plan, batch: B } = this
    const { windowLength: T, outputSize: K } = this.architecture
    const { hidden: H, hiddenQuads, hiddenGradient } = this.layer(plan.layers.length - 1)
    const last = (T - 1) * B * H * 4
    this.kernels.backwardHead(
      B,
      H,
      K,
      plan.parameters + 4 * plan.headWeightAt,
      hiddenQuads + last,
      plan.outputGradients,
      plan.batchGradients + 4 * plan.headWeightAt,
      plan.batchGradients + 4 * plan.headBiasAt,
      hiddenGradient + last,
    )
  }

  /** The head sees the top layer's last row of time alone. */
  private isTop(index: number): boolean {
    return index === this.plan.layers.length - 1
  }

  private backwardLayer(index: number): void {
    const { kernels, plan, batch: B } = this
    const T = this.architecture.windowLength
    const layer = this.layer(index)
    const { input: D, hidden: H, gates, hiddenQuads } = layer
    const inputGradient = index > 0 ? this.layer(index - 1).hiddenGradient : 0
    const biasGradient = plan.batchGradients + 4 * layer.biasInputAt
    kernels.backwardLayer(
      this.wide,
      this.isTop(index) ? 0 : 1,
      T,
      B,
      D,
      H,
      layer.transposed,
      layer.transposedInput,
      gates,
      layer.cell,
      layer.cellTanh,
      layer.hiddenGradient,
      layer.cellGradient,
      inputGradient,
      biasGradient,
      plan.tile,
    )
    kernels.addVector(4 * H, plan.batchGradients + 4 * layer.biasHiddenAt, biasGradient)
    const quads = this.readsBelow(index) ? this.layer(index - 1).hiddenQuads : layer.inputQuads
    const gradient = plan.batchGradients + 4 * layer.weightsAt
    kernels.addWeightGradients(this.wide, T, B, D, H, gates, quads, hiddenQuads, gradient)
    if (index > 0 && this.dropout) kernels.multiplyVector(T * B * D, inputGradient, layer.factors)
  }

  readGradients(out: ParameterVector): void {
    this.readPacked(this.plan.gradients, out)
  }

  gradientNorm(): number {
    return Math.sqrt(this.kernels.sumOfSquares(this.plan.packedLength, this.plan.gradients))
  }

  adamwStep(step: AdamwStep): void {
    const { plan } = this
    const { beta1, beta2, learningRate } = step
    this.steps++
    this.kernels.adamwStep(
      plan.packedLength,
      plan.parameters,
      plan.gradients,
      plan.firstMoment,
      plan.secondMoment,
      step.gradientScale,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      1 - learningRate * step.weightDecay,
      learningRate / (1 - pow(beta1, this.steps)),
      1 / Math.sqrt(1 - pow(beta2, this.steps)),
      step.epsilon,
    )
    this.refreshCopies()
  }

  readState(): NetworkState {
    const read = (address: number) => {
      const out = new Float64Array(this.places.length)
      this.readPacked(address, out)
      return out
    }
    const { parameters, firstMoment, secondMoment } = this.plan
    return {
      parameters: read(parameters),
      firstMoment: read(firstMoment),
      secondMoment: read(secondMoment),
      steps: this.steps,
    }
  }

  loadState(state: NetworkState): void {
    this.writePacked(this.plan.firstMoment, state.firstMoment)
    this.writePacked(this.plan.secondMoment, state.secondMoment)
    this.writePacked(this.plan.parameters, state.parameters)
    this.refreshCopies()
    this.steps = state.steps
  }
}
