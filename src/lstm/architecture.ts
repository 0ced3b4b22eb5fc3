/** The shape of a network: stacked LSTM layers, whose last hidden state feeds a dense head. */

export interface LstmArchitecture {
  /** F: features per row. */
  readonly inputSize: number
  /** H of each layer, bottom first; one entry is one layer. */
  readonly hiddenSizes: readonly number[]
  /** K: raw outputs of the dense head, as many as the loss wants. */
  readonly outputSize: number
  /** T: rows per window. */
  readonly windowLength: number
}

/** Sizes of one LSTM layer. */
export interface LayerSizes {
  /** D: the layer's input, F for the first layer and the H below for the others. */
  readonly input: number
  /** H. */
  readonly hidden: number
}

/** @throws {RangeError} When a size is not a positive integer; names it and what came. */
export function assertArchitecture(architecture: LstmArchitecture): void {
  const { inputSize, hiddenSizes, outputSize, windowLength } = architecture
  assertSize('inputSize', inputSize)
  assertSize('outputSize', outputSize)
  assertSize('windowLength', windowLength)
  if (hiddenSizes.length === 0)
    throw new RangeError('hiddenSizes is empty: give one size per layer')
  for (const [layer, size] of hiddenSizes.entries()) assertSize(`hiddenSizes[${layer}]`, size)
}

function assertSize(name: string, size: number): void {
  if (Number.isInteger(size) && size > 0) return
  throw new RangeError(`${name} must be a positive integer, not ${size}`)
}

/** Sizes of every layer, bottom first. */
export function layerSizes(architecture: LstmArchitecture): LayerSizes[] {
  return architecture.hiddenSizes.map((hidden, layer) => ({
    input: layer === 0 ? architecture.inputSize : (architecture.hiddenSizes[layer - 1] as number),
    hidden,
  }))
}

/** H of the top layer, which the head reads. */
export function topHiddenSize(architecture: LstmArchitecture): number {
  return architecture.hiddenSizes.at(-1) as number
}

/**
 * Floating-point operations of one training step per window: multiply and add count as two,
 * backward costs twice forward. Activations are not counted.
 */
export function trainingFlopsPerWindow(architecture: LstmArchitecture): number {
  const perRow = layerSizes(architecture).reduce(
    (sum, { input, hidden }) => sum + 2 * 4 * hidden * (input + hidden),
    0,
  )
  const head = 2 * architecture.outputSize * topHiddenSize(architecture)
  return 3 * (architecture.windowLength * perRow + head)
}
