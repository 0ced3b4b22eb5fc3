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

export function createBatchRunner(
  network: LstmNetwork,
  loss: Loss,
  windows: TrainingWindows,
): BatchRunner {
  const K = loss.outputSize
  const ends = new Int32Array(MICRO_BATCH)
  const outputs = new Float64Array(MICRO_BATCH * K)
  const gradients = new Float64Array(MICRO_BATCH * K)

  /** Weighted loss sum of windows `at` … of the order; their gradients divided by `totalWeight`. */
  function runMicroBatch(
    order: Int32Array,
    at: number,
    count: number,
    totalWeight: number,
    dropout: DropoutStream | undefined,
  ): number {
    for (let b = 0; b < count; b++) ends[b] = windows.ends[order[at + b] as number] as number
    network.forward(ends, count, outputs, dropout)
    let sum = 0
    for (let b = 0; b < count; b++) {
      const window = order[at + b] as number
      const weight = windowWeight(windows, window)
      sum += weight * loss.evaluate(outputs, b * K, windows.targets[window] as number, gradients)
      scaleSlice(gradients, b * K, K, weight / totalWeight)
    }
    return sum
  }

  return {
    lossAndGradients(order, from, to, dropout) {
      const totalWeight = sumWeights(windows, order, from, to)
      network.zeroGradients()
      if (totalWeight === 0) return 0
      let sum = 0
      for (let at = from; at < to; at += MICRO_BATCH) {
        if (dropout) dropout.firstWindow = at - from
        sum += runMicroBatch(order, at, Math.min(MICRO_BATCH, to - at), totalWeight, dropout)
        network.backward(gradients)
      }
      return sum / totalWeight
    },
    loss(order, from, to) {
      const totalWeight = sumWeights(windows, order, from, to)
      let sum = 0
      for (let at = from; at < to; at += MICRO_BATCH) {
        sum += runMicroBatch(order, at, Math.min(MICRO_BATCH, to - at), totalWeight, undefined)
      }
      return totalWeight === 0 ? 0 : sum / totalWeight
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
