/** Training steps make no arrays or objects, and memory stays flat, whatever the engine. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { clipFactor, DEFAULT_ADAMW } from '../../src/lstm/adamw.ts'
import { createBatchRunner } from '../../src/lstm/batch.ts'
import { applyDropout } from '../../src/lstm/dropout.ts'
import type { LstmEngine } from '../../src/lstm/engine.ts'
import { selectEngine } from '../../src/lstm/engines.ts'
import { createLoss, type LossSpec } from '../../src/lstm/losses.ts'
import { initialParameters } from '../../src/lstm/parameters.ts'
import { createRandom } from '../../src/numerics/random.ts'

const STEPS = 10_000
const STEPS_PER_LOOK = 200
const WINDOWS = 10

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Two layers with dropout and clipping: nothing is left out of a step. */
function createSteps(engine: LstmEngine, spec: LossSpec): (steps: number) => void {
  const random = createRandom('steady')
  const loss = createLoss(spec)
  const { outputSize } = loss
  const architecture = { inputSize: 2, hiddenSizes: [4, 3], outputSize, windowLength: 2 }
  const network = engine.createNetwork(architecture)
  network.bindRows({ values: Float64Array.from({ length: 160 }, () => random.normal()), width: 2 })
  network.loadParameters(initialParameters(architecture, random, loss.neutralOutputs))
  const ends = Int32Array.from({ length: WINDOWS }, (_, i) => 1 + i)
  const windows = { ends, targets: Float64Array.from(ends, () => random.normal()) }
  const runner = createBatchRunner(network, loss, windows)
  const order = Int32Array.from(ends.keys())
  const dropout = { rate: 0.2, key: [1, 2] as const, step: 0, firstWindow: 0 }
  const step = { ...DEFAULT_ADAMW, learningRate: 1e-3, weightDecay: 1e-3, gradientScale: 1 }
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      runner.lossAndGradients(order, 0, order.length, dropout)
      step.gradientScale = clipFactor(network.gradientNorm(), 1)
      network.adamwStep(step)
      dropout.step++
    }
  }
}

/** Median of the heap's growth from one look to the next, in bytes per step. */
function heapPerStep(run: (steps: number) => void): number {
  const growth = new Float64Array(STEPS / STEPS_PER_LOOK)
  for (let look = 0; look < growth.length; look++) {
    const before = process.memoryUsage().heapUsed
    run(STEPS_PER_LOOK)
    growth[look] = (process.memoryUsage().heapUsed - before) / STEPS_PER_LOOK
  }
  return growth.sort()[growth.length / 2] as number
}

/**
 * Numbers are boxed on their way between functions that the compiler does not join, 16 bytes each:
 * some twenty per step. (In the reference, every exp and tanh is one: it is left out here.)
 */
test.each(['wasm-simd', 'wasm-relaxed-simd'] as const)(
  'a step on %s makes nothing but boxed numbers',
  (name) => {
    const run = createSteps(selectEngine(name), { kind: 'squared-error' })
    run(2000)
    expect(heapPerStep(run)).toBeLessThan(600)
  },
)

/** 40 blocks of random words per call: in arrays of their own they would take some 4,000 bytes. */
test('dropout makes nothing but boxed numbers', () => {
  const values = new Float64Array(2 * WINDOWS * 8)
  const stream = { rate: 0.2, key: [1, 2] as const, step: 0, firstWindow: 0 }
  const sizes = { layer: 1, rows: 2, batch: WINDOWS, width: 8 }
  const run = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      stream.step++
      applyDropout(values, stream, sizes)
    }
  }
  run(2000)
  expect(heapPerStep(run)).toBeLessThan(1000)
})

test.each(['reference', 'wasm-simd', 'wasm-relaxed-simd'] as const)(
  `after ${STEPS} steps on %s memory is as it was`,
  (name) => {
    const run = createSteps(selectEngine(name), { kind: 'student-t' })
    run(2000)
    collectGarbage()
    const before = process.memoryUsage()
    run(STEPS)
    collectGarbage()
    const after = process.memoryUsage()
    expect(after.heapUsed - before.heapUsed).toBeLessThan(300_000)
    expect(after.arrayBuffers).toBeLessThanOrEqual(before.arrayBuffers)
  },
)
