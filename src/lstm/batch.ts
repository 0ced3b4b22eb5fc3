/** A batch of windows through a network and a loss, one micro-batch after the other. */
import type { DropoutStream } from './dropout.ts'
import { type LstmNetwork, MICRO_BATCH } from './engine.ts'
import type { Loss } from './losses.ts'
import type { TrainingWindows } from './windows.ts'

/** Runs batches without allocating: holds the micro-batch's ends, outputs and gradients. */
export interface BatchRunner {
  /**
   * Sets the network's gradients to those of the batch's weighted mean loss.
   *
   * @param order Indices into the windows; those from `from` to `to` - 1 are the batch.
   * @returns The weighted mean loss; 0 when all weights of the batch are 0.
   */
  lossAndGradients(order: Int32Array, from: number, to: number, dropout?: DropoutStream): number
  /** The weighted mean loss of the windows from `from` to `to` - 1 of the order, nothing dropped. */
  loss(order: Int32Array, from: number, to: number): number
}

/** One micro-batch of a batch. */
export interface MicroBatch {
  /** First and last + 1 of its windows in the order. */
  readonly from: number
  readonly to: number
  /** Sum of the whole batch's weights, > 0. */
  readonly totalWeight: number
}

/** Runs single micro-batches, and keeps the derivatives of the last. */
export interface MicroBatchRunner {
  /** Runs the windows forward. @returns The sum of their weighted losses. */
  lossSum(order: Int32Array, part: MicroBatch, dropout?: DropoutStream): number
  /** Of the batch's weighted mean loss by the raw outputs [count, K], of the windows last run. */
  readonly outputGradients: Float64Array
}

export function createMicroBatchRunner(
  network: LstmNetwork,
  loss: Loss,
  windows: TrainingWindows,
): MicroBatchRunner {
  const K = loss.outputSize
  const ends = new Int32Array(MICRO_BATCH)
  const outputs = new Float64Array(MICRO_BATCH * K)
  const outputGradients = new Float64Array(MICRO_BATCH * K)
  return {
    outputGradients,
    lossSum(order, { from, to, totalWeight }, dropout) {
      const count = to - from
      for (let b = 0; b < count; b++) ends[b] = windows.ends[order[from + b] as number] as number
      network.forward(ends, count, outputs, dropout)
      let sum = 0
      for (let b = 0; b < count; b++) {
        const window = order[from + b] as number
        const target = windows.targets[window] as number
        const weight = windowWeight(windows, window)
        sum += weight * loss.evaluate(outputs, b * K, target, outputGradients)
        scaleSlice(outputGradients, b * K, K, weight / totalWeight)
      }
      return sum
    },
  }
}

export function createBatchRunner(
  network: LstmNetwork,
  loss: Loss,
  windows: TrainingWindows,
): BatchRunner {
  const runner = createMicroBatchRunner(network, loss, windows)
  const part = { from: 0, to: 0, totalWeight: 0 }
  return {
    lossAndGradients(order, from, to, dropout) {
      part.totalWeight = sumWeights(windows, order, from, to)
      network.zeroGradients()
      if (part.totalWeight === 0) return 0
      let sum = 0
      for (let at = from; at < to; at += MICRO_BATCH) {
        part.from = at
        part.to = Math.min(at + MICRO_BATCH, to)
        if (dropout) dropout.firstWindow = at - from
        sum += runner.lossSum(order, part, dropout)
        network.backward(runner.outputGradients)
      }
      return sum / part.totalWeight
    },
    loss(order, from, to) {
      part.totalWeight = sumWeights(windows, order, from, to)
      if (part.totalWeight === 0) return 0
      let sum = 0
      for (let at = from; at < to; at += MICRO_BATCH) {
        part.from = at
        part.to = Math.min(at + MICRO_BATCH, to)
        sum += runner.lossSum(order, part)
      }
      return sum / part.totalWeight
    },
  }
}

/** 1 when none are given. */
function windowWeight(windows: TrainingWindows, window: number): number {
  return windows.weights ? (windows.weights[window] as number) : 1
}

/** Weights of the windows from `from` to `to` - 1 of the order, summed in order. */
export function sumWeights(
  windows: TrainingWindows,
  order: Int32Array,
  from: number,
  to: number,
): number {
  if (!windows.weights) return to - from
  let sum = 0
  for (let i = from; i < to; i++) sum += windows.weights[order[i] as number] as number
  return sum
}

function scaleSlice(values: Float64Array, at: number, length: number, factor: number): void {
  for (let i = at; i < at + length; i++) values[i] = (values[i] as number) * factor
}
