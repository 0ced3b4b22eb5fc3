/**
 * All weights of a network as one flat vector, with PyTorch's tensors as named slices of it.
 *
 * Order, as `module.parameters()` gives it in PyTorch: per layer `weight_ih [4H, D]`,
 * `weight_hh [4H, H]`, `bias_ih [4H]`, `bias_hh [4H]`; then `head.weight [K, H]`, `head.bias [K]`.
 * Gate order i, f, g, o, row-major. Both biases are kept although only their sum acts: under Adam
 * two vectors with the same gradient move their sum twice as fast as one would.
 */
import type { Random } from '../numerics/random.ts'
import { type LstmArchitecture, layerSizes, topHiddenSize } from './architecture.ts'

/** One named slice of the flat vector. */
export interface ParameterTensor {
  /** As in a PyTorch state dict: `lstm.weight_ih_l0`, `head.bias`. */
  readonly name: string
  readonly shape: readonly number[]
  /** First element in the flat vector. */
  readonly offset: number
  readonly length: number
}

export type ParameterVector = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

/** Added to `bias_ih` of the forget gate at the start, so that memory lasts (Jozefowicz et al. 2015). */
export const INITIAL_FORGET_BIAS = 1

/** Every tensor in the order of the flat vector. */
export function parameterTensors(architecture: LstmArchitecture): ParameterTensor[] {
  const shapes: [string, number[]][] = []
  for (const [layer, { input, hidden }] of layerSizes(architecture).entries()) {
    shapes.push([`lstm.weight_ih_l${layer}`, [4 * hidden, input]])
    shapes.push([`lstm.weight_hh_l${layer}`, [4 * hidden, hidden]])
    shapes.push([`lstm.bias_ih_l${layer}`, [4 * hidden]])
    shapes.push([`lstm.bias_hh_l${layer}`, [4 * hidden]])
  }
  shapes.push(['head.weight', [architecture.outputSize, topHiddenSize(architecture)]])
  shapes.push(['head.bias', [architecture.outputSize]])
  let offset = 0
  return shapes.map(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1)
    const tensor = { name, shape, offset, length }
    offset += length
    return tensor
  })
}

/** Length of the flat vector. */
export function parameterCount(architecture: LstmArchitecture): number {
  return parameterTensors(architecture).reduce((sum, tensor) => sum + tensor.length, 0)
}

/** The slices of one layer, as views. */
export interface LayerParameters {
  readonly weightInput: Float64Array
  readonly weightHidden: Float64Array
  readonly biasInput: Float64Array
  readonly biasHidden: Float64Array
}

export interface HeadParameters {
  readonly weight: Float64Array
  readonly bias: Float64Array
}

/** Views of a flat vector by layer; writing to them writes to the vector. */
export function viewParameters(
  architecture: LstmArchitecture,
  flat: Float64Array,
): { layers: LayerParameters[]; head: HeadParameters } {
  const views = parameterTensors(architecture).map(({ offset, length }) =>
    flat.subarray(offset, offset + length),
  )
  const view = (index: number) => views[index] as Float64Array
  const layers = architecture.hiddenSizes.map((_, layer) => ({
    weightInput: view(4 * layer),
    weightHidden: view(4 * layer + 1),
    biasInput: view(4 * layer + 2),
    biasHidden: view(4 * layer + 3),
  }))
  const top = 4 * layers.length
  return { layers, head: { weight: view(top), bias: view(top + 1) } }
}

/** The named tensor of a flat vector, as a view. @throws {RangeError} When there is none. */
export function tensorView<V extends ParameterVector>(
  architecture: LstmArchitecture,
  flat: V,
  name: string,
): V {
  const tensors = parameterTensors(architecture)
  const tensor = tensors.find((candidate) => candidate.name === name)
  if (tensor === undefined) {
    throw new RangeError(`No tensor '${name}'; there are: ${tensors.map((t) => t.name).join(', ')}`)
  }
  return flat.subarray(tensor.offset, tensor.offset + tensor.length) as V
}

/**
 * Fresh weights: every element uniform in (-1/√H, 1/√H) of its layer, as PyTorch does, plus
 * `INITIAL_FORGET_BIAS`; the head's bias starts at `headBias`, the outputs that the loss calls
 * neutral.
 *
 * @param headBias [K].
 */
export function initialParameters(
  architecture: LstmArchitecture,
  random: Random,
  headBias: readonly number[],
): Float64Array<ArrayBuffer> {
  const flat = new Float64Array(parameterCount(architecture))
  const { layers, head } = viewParameters(architecture, flat)
  for (const [index, layer] of layers.entries()) {
    const hidden = architecture.hiddenSizes[index] as number
    for (const tensor of Object.values(layer) as Float64Array[]) fillUniform(tensor, hidden, random)
    const forgetBias = layer.biasInput.subarray(hidden, 2 * hidden)
    for (const [unit, bias] of forgetBias.entries()) forgetBias[unit] = bias + INITIAL_FORGET_BIAS
  }
  fillUniform(head.weight, topHiddenSize(architecture), random)
  head.bias.set(headBias)
  return flat
}

function fillUniform(tensor: Float64Array, hidden: number, random: Random): void {
  const bound = 1 / Math.sqrt(hidden)
  for (let i = 0; i < tensor.length; i++) tensor[i] = bound * (2 * random.uniform() - 1)
}
