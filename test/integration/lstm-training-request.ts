/** A small training for tests of how trainings run: two layers, odd sizes, batches of micro-batches. */
import type { ParallelTrainingRequest } from '../../src/lstm/parallel.ts'
import type { TrainingOptions } from '../../src/lstm/training-request.ts'
import { createRandom } from '../../src/numerics/random.ts'

const DEFAULT_OPTIONS: Partial<TrainingOptions> = {
  epochs: 6,
  batchSize: 200,
  learningRate: 0.01,
  dropout: 0.3,
  patience: 6,
}

/** 450 training windows in batches of 200: four micro-batches of 64, 64, 64 and 8, the last batch 50. */
export function trainingRequest(
  options: Partial<TrainingOptions> = {},
  overrides: Partial<ParallelTrainingRequest> = {},
): ParallelTrainingRequest {
  const random = createRandom('training data')
  const values = Float64Array.from({ length: 600 * 3 }, () => random.normal())
  const windowsOf = (from: number, to: number) => {
    const ends = Int32Array.from({ length: to - from }, (_, i) => from + i)
    const target = (end: number) =>
      ((values[3 * end] as number) + (values[3 * end - 2] as number)) / 2 + 0.3 * random.normal()
    return {
      ends,
      targets: Float64Array.from(ends, target),
      weights: Float64Array.from(ends, () => random.integer(4)),
    }
  }
  return {
    architecture: { inputSize: 3, hiddenSizes: [9, 6], outputSize: 3, windowLength: 5 },
    rows: { values, width: 3 },
    train: windowsOf(5, 455),
    validation: windowsOf(460, 600),
    loss: { kind: 'student-t' },
    options: { ...DEFAULT_OPTIONS, ...options },
    random: createRandom(3),
    ...overrides,
  }
}
