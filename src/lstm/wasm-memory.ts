/**
 * Where everything lies in a network's WebAssembly memory. Addresses in bytes, multiples of 64;
 * layouts (pairs, quads, gates) as in kernels/forward.ts.
 */
import { type LstmArchitecture, layerSizes, topHiddenSize } from './architecture.ts'
import { MICRO_BATCH } from './engine.ts'

const FLOAT_BYTES = 4
const ALIGNMENT = 64
/** Below lie the kernels' own constants, and address 0, which they read as "none". */
const FIRST_ADDRESS = 4096

/** One layer: padded sizes, its slice of the packed parameters, and its working memory. */
export interface LayerPlan {
  /** D, padded: even in the lowest layer, a multiple of 4 above. */
  readonly input: number
  /** H, padded to a multiple of 4. */
  readonly hidden: number
  /** First elements in the packed parameter vector. */
  readonly weightsAt: number
  readonly biasInputAt: number
  readonly biasHiddenAt: number
  /** Both biases added [4H]. */
  readonly bias: number
  readonly transposed: number
  readonly transposedInput: number
  /** Of the lowest layer, or with dropout; else the layer reads the hidden states below. */
  readonly inputPairs: number
  readonly inputQuads: number
  /** Dropout's factors of the input. */
  readonly factors: number
  readonly gates: number
  readonly cell: number
  readonly cellTanh: number
  readonly hiddenPairs: number
  readonly hiddenQuads: number
  readonly hiddenGradient: number
  readonly cellGradient: number
}

export interface MemoryPlan {
  readonly layers: readonly LayerPlan[]
  readonly headWeightAt: number
  readonly headBiasAt: number
  /** Elements of the packed parameter vector, padding included. */
  readonly packedLength: number
  readonly parameters: number
  readonly gradients: number
  /** Gradients of the micro-batch in hand. */
  readonly batchGradients: number
  readonly firstMoment: number
  readonly secondMoment: number
  readonly ends: number
  readonly outputs: number
  readonly outputGradients: number
  /** Working memory of `backwardLayer`. */
  readonly tile: number
  /** Where the rows begin; memory grows to hold them. */
  readonly rows: number
}

export function padTo(multiple: number, size: number): number {
  return Math.ceil(size / multiple) * multiple
}

export function planMemory(architecture: LstmArchitecture): MemoryPlan {
  const { windowLength: T, outputSize: K } = architecture
  let packed = 0
  let address = FIRST_ADDRESS
  const takePacked = (length: number) => {
    const at = packed
    packed += length
    return at
  }
  const take = (floats: number) => {
    const at = address
    address += padTo(ALIGNMENT, floats * FLOAT_BYTES)
    return at
  }
  const cells = T * MICRO_BATCH
  const layers = layerSizes(architecture).map((sizes, layer): LayerPlan => {
    const D = padTo(layer === 0 ? 2 : 4, sizes.input)
    const H = padTo(4, sizes.hidden)
    return {
      input: D,
      hidden: H,
      weightsAt: takePacked(4 * H * (D + H)),
      biasInputAt: takePacked(4 * H),
      biasHiddenAt: takePacked(4 * H),
      bias: take(4 * H),
      transposed: take(4 * H * H),
      transposedInput: layer === 0 ? 0 : take(4 * H * D),
      inputPairs: take(cells * D),
      inputQuads: take(cells * padTo(4, D)),
      factors: layer === 0 ? 0 : take(cells * D),
      gates: take(cells * 4 * H),
      cell: take(cells * H),
      cellTanh: take(cells * H),
      hiddenPairs: take(cells * H),
      hiddenQuads: take(cells * H),
      hiddenGradient: take(cells * H),
      cellGradient: take(MICRO_BATCH * H),
    }
  })
  const headWeightAt = takePacked(K * padTo(4, topHiddenSize(architecture)))
  const headBiasAt = takePacked(padTo(4, K))
  return {
    layers,
    headWeightAt,
    headBiasAt,
    packedLength: packed,
    parameters: take(packed),
    gradients: take(packed),
    batchGradients: take(packed),
    firstMoment: take(packed),
    secondMoment: take(packed),
    ends: take(MICRO_BATCH),
    outputs: take(MICRO_BATCH * K),
    outputGradients: take(MICRO_BATCH * K),
    tile: take(64),
    rows: address,
  }
}

/** Typed arrays over a network's memory, made anew when it grows. */
export interface MemoryViews {
  readonly floats: Float32Array
  readonly integers: Int32Array
  /** The packed parameters, and the packed gradients of the micro-batch in hand. */
  readonly weights: Float32Array
  readonly batchGradients: Float32Array
}

export function viewMemory({ buffer }: WebAssembly.Memory, plan: MemoryPlan): MemoryViews {
  return {
    floats: new Float32Array(buffer),
    integers: new Int32Array(buffer),
    weights: new Float32Array(buffer, plan.parameters, plan.packedLength),
    batchGradients: new Float32Array(buffer, plan.batchGradients, plan.packedLength),
  }
}

/**
 * Where each element of the flat parameter vector (PyTorch's layout) lies in the packed one, whose
 * weights are [H / 4][D + H][16]: gates i, f, g, o of four units side by side. Padding is never
 * named, and stays zero.
 */
export function packedPlaces(architecture: LstmArchitecture, plan: MemoryPlan): Int32Array {
  const places: number[] = []
  for (const [index, { input, hidden }] of layerSizes(architecture).entries()) {
    const layer = plan.layers[index] as LayerPlan
    const width = layer.input + layer.hidden
    const { weightsAt, biasInputAt, biasHiddenAt } = layer
    pushWeights(places, { hidden, columns: input, at: weightsAt, width })
    pushWeights(places, { hidden, columns: hidden, at: weightsAt + 16 * layer.input, width })
    pushWeights(places, { hidden, columns: 1, at: biasInputAt, width: 1 })
    pushWeights(places, { hidden, columns: 1, at: biasHiddenAt, width: 1 })
  }
  const top = topHiddenSize(architecture)
  for (let k = 0; k < architecture.outputSize; k++) {
    for (let j = 0; j < top; j++) places.push(plan.headWeightAt + k * padTo(4, top) + j)
  }
  for (let k = 0; k < architecture.outputSize; k++) places.push(plan.headBiasAt + k)
  return Int32Array.from(places)
}

/** Places of a tensor [4H, columns], packed in quads of `width` columns from `at`. */
function pushWeights(
  places: number[],
  {
    hidden,
    columns,
    at,
    width,
  }: {
    readonly hidden: number
    readonly columns: number
    readonly at: number
    readonly width: number
  },
): void {
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < hidden; unit++) {
      const quad = at + (unit >> 2) * width * 16 + gate * 4 + (unit & 3)
      for (let column = 0; column < columns; column++) places.push(quad + column * 16)
    }
  }
}
