import { describe, expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { createBatchRunner } from './batch.ts'
import type { DropoutStream } from './dropout.ts'
import { createLoss, type LossSpec } from './losses.ts'
import { initialParameters } from './parameters.ts'
import { referenceEngine } from './reference-engine.ts'

const CASES: { loss: LossSpec; outputs: number; hidden: number[]; dropout: number }[] = [
  { loss: { kind: 'student-t' }, outputs: 3, hidden: [5], dropout: 0 },
  { loss: { kind: 'student-t' }, outputs: 3, hidden: [3, 4], dropout: 0 },
  { loss: { kind: 'gaussian' }, outputs: 2, hidden: [4, 3], dropout: 0.4 },
  { loss: { kind: 'pinball', levels: [0.2, 0.7] }, outputs: 2, hidden: [2, 3, 2], dropout: 0.2 },
  { loss: { kind: 'squared-error' }, outputs: 1, hidden: [1], dropout: 0 },
]

describe.each(CASES)('the reference with hidden sizes $hidden and loss $loss.kind', (setting) => {
  test('has the gradients that finite differences show', () => {
    const { network, runner, order, stream } = createCase(setting)
    const count = network.architecture.inputSize
    expect(count).toBe(3)
    const parameters = initialParameters(
      network.architecture,
      createRandom('weights'),
      new Array(setting.outputs).fill(0.1),
    )
    const lossAt = (index: number, h: number) => {
      const moved = parameters.slice()
      moved[index] = (moved[index] as number) + h
      network.loadParameters(moved)
      return runner.lossAndGradients(order, 0, order.length, stream)
    }
    lossAt(0, 0)
    const gradients = new Float64Array(parameters.length)
    network.readGradients(gradients)
    const h = 1e-3
    for (let i = 0; i < parameters.length; i++) {
      const near = lossAt(i, h) - lossAt(i, -h)
      const far = lossAt(i, 2 * h) - lossAt(i, -2 * h)
      expect(Math.abs((8 * near - far) / (12 * h) - (gradients[i] as number))).toBeLessThan(1e-8)
    }
  })
})

function createCase({ loss, outputs, hidden, dropout }: (typeof CASES)[number]) {
  const random = createRandom('data')
  const architecture = { inputSize: 3, hiddenSizes: hidden, outputSize: outputs, windowLength: 4 }
  const network = referenceEngine.createNetwork(architecture)
  network.bindRows({ values: Float64Array.from({ length: 30 }, () => random.normal()), width: 3 })
  const windows = {
    ends: Int32Array.of(3, 9, 5, 5, 8),
    targets: Float64Array.from({ length: 5 }, () => 2 * random.normal()),
    weights: Float64Array.of(1, 0.5, 2, 0, 1.5),
  }
  const stream: DropoutStream | undefined =
    dropout > 0 ? { rate: dropout, key: [1, 2], step: 3, firstWindow: 0 } : undefined
  const runner = createBatchRunner(network, createLoss(loss), windows)
  return { network, runner, order: Int32Array.of(0, 1, 2, 3, 4), stream }
}
