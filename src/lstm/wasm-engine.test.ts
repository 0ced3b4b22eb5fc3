import { expect, test } from 'vitest'
import { tanh } from '../numerics/elementary.ts'
import { selectEngine } from './engines.ts'
import { type KernelBinary, loadKernels } from './wasm-kernels.ts'

const BINARIES: KernelBinary[] = ['simd', 'relaxed-simd']

test.each(BINARIES)('the tanh of %s is within 4e-7 and never beyond 1', (binary) => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { hyperbolicTangent } = loadKernels(binary).instantiate(memory)
  let worst = 0
  let largest = 0
  for (let i = -6000; i <= 6000; i++) {
    const x = Math.fround(i / 500)
    const y = hyperbolicTangent(x)
    worst = Math.max(worst, Math.abs(y - tanh(x)))
    largest = Math.max(largest, Math.abs(y))
  }
  expect(worst).toBeLessThan(4e-7)
  expect(largest).toBeLessThanOrEqual(1)
  expect(hyperbolicTangent(Infinity)).toBeCloseTo(1, 6)
  expect(hyperbolicTangent(NaN)).toBeNaN()
})

test('a binary says which bytes it is', () => {
  const digests = BINARIES.map((binary) => loadKernels(binary).digest)
  expect(new Set(digests).size).toBe(2)
  for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{64}$/)
})

test('the engine that runs fastest here is one of the kernels, with its digest', () => {
  const engine = selectEngine('auto')
  expect(engine.name).toMatch(/^wasm-/)
  expect(engine.binaryDigest).toMatch(/^[0-9a-f]{64}$/)
})

test('memory stays as it is over many steps', () => {
  const network = selectEngine('auto').createNetwork({
    inputSize: 4,
    hiddenSizes: [8],
    outputSize: 1,
    windowLength: 3,
  })
  network.bindRows({ values: new Float64Array(40).fill(0.5), width: 4 })
  const ends = Int32Array.of(2, 5, 9)
  const outputs = new Float64Array(3)
  const step = {
    learningRate: 1e-3,
    weightDecay: 0,
    gradientScale: 1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
  }
  const run = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      network.forward(ends, 3, outputs)
      network.zeroGradients()
      network.backward(outputs)
      network.adamwStep(step)
    }
  }
  run(2000)
  const before = process.memoryUsage()
  run(10_000)
  const after = process.memoryUsage()
  expect(after.arrayBuffers).toBeLessThanOrEqual(before.arrayBuffers)
  expect(after.heapUsed - before.heapUsed).toBeLessThan(4_000_000)
})
