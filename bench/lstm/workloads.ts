/** The workloads that the LSTM benchmark times, and one training step of them. */
import { clipFactor, DEFAULT_ADAMW } from '../../src/lstm/adamw.ts'
import type { LstmArchitecture } from '../../src/lstm/architecture.ts'
import { createBatchRunner } from '../../src/lstm/batch.ts'
import type { LstmEngine, LstmNetwork } from '../../src/lstm/engine.ts'
import { createLoss } from '../../src/lstm/losses.ts'
import { initialParameters } from '../../src/lstm/parameters.ts'
import { createRandom } from '../../src/numerics/random.ts'

export interface Workload extends LstmArchitecture {
  readonly name: string
  readonly batch: number
}

const HEAD = { outputSize: 3 }

export const WORKLOADS: readonly Workload[] = [
  { name: 'W1', windowLength: 60, inputSize: 8, hiddenSizes: [64], batch: 64, ...HEAD },
  { name: 'W2', windowLength: 60, inputSize: 8, hiddenSizes: [50, 50], batch: 32, ...HEAD },
  { name: 'W3', windowLength: 20, inputSize: 16, hiddenSizes: [128], batch: 256, ...HEAD },
  { name: 'W4', windowLength: 60, inputSize: 8, hiddenSizes: [32], batch: 32, ...HEAD },
]

const STEP = { ...DEFAULT_ADAMW, learningRate: 1e-3, weightDecay: 1e-3 }
const CLIP_NORM = 1

export interface PreparedWorkload {
  readonly network: LstmNetwork
  /** Forward, Student-t loss, backward, clipping, AdamW on one batch. */
  trainStep(): number
  /** Loss and gradients of the batch, without a step. */
  lossAndGradients(): number
}

/** A network with random weights and one batch of random windows; the same for every engine. */
export function prepareWorkload(workload: Workload, engine: LstmEngine): PreparedWorkload {
  const random = createRandom(workload.name)
  const { inputSize: width, windowLength, batch } = workload
  const count = windowLength + 2 * batch
  const values = Float32Array.from({ length: count * width }, () => random.normal())
  const ends = Int32Array.from({ length: batch }, (_, i) => windowLength - 1 + 2 * i)
  const targets = Float64Array.from(ends, () => random.normal())
  const loss = createLoss({ kind: 'student-t' })
  const network = engine.createNetwork(workload)
  network.bindRows({ values, width })
  const parameters = initialParameters(workload, random, loss.neutralOutputs)
  network.loadParameters(Float32Array.from(parameters))
  const runner = createBatchRunner(network, loss, { ends, targets })
  const order = Int32Array.from(ends.keys())
  const lossAndGradients = () => runner.lossAndGradients(order, 0, batch)
  const trainStep = () => {
    const value = lossAndGradients()
    const gradientScale = clipFactor(network.gradientNorm(), CLIP_NORM)
    network.adamwStep({ ...STEP, gradientScale })
    return value
  }
  return { network, trainStep, lossAndGradients }
}

/** Middle of the sorted values, the lower one of two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
}

/** Milliseconds of each of `steps` calls. */
export function timeSteps(action: () => unknown, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const start = performance.now()
    action()
    return performance.now() - start
  })
}
