/**
 * Every engine against PyTorch in float64; fixture by scripts/lstm-pytorch.py. The reference agrees to
 * rounding, the kernels to what float32 leaves over ten steps.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clipFactor } from '../../src/lstm/adamw.ts'
import { createBatchRunner } from '../../src/lstm/batch.ts'
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { createLoss, type LossSpec } from '../../src/lstm/losses.ts'

interface ParityCase {
  loss: 'student-t' | 'gaussian' | 'pinball' | 'squared-error'
  outputs: number
  features: number
  hidden: number[]
  rows: number
  batch: number
  initial: number[]
  rowValues: number[]
  ends: number[]
  targets: number[]
  weights: number[] | null
  raw: number[]
  gradients: number[]
  losses: number[]
  norms: number[]
  final: number[]
}

interface Fixture {
  levels: number[]
  adamw: {
    learningRate: number
    beta1: number
    beta2: number
    epsilon: number
    weightDecay: number
  }
  clipNorm: number
  cases: ParityCase[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/lstm-pytorch.json', import.meta.url), 'utf8'),
)

interface Tolerances {
  raw: number
  loss: number
  gradients: number
  steps: number
}

const EXACT: Tolerances = { raw: 1e-13, loss: 1e-12, gradients: 1e-12, steps: 1e-9 }
const SINGLE: Tolerances = { raw: 2e-6, loss: 2e-6, gradients: 3e-6, steps: 2e-4 }

const RUNS = (['reference', 'wasm-simd', 'wasm-relaxed-simd'] as const).flatMap((name) => {
  const within = name === 'reference' ? EXACT : SINGLE
  return fixture.cases.map((known) => ({ ...known, name, within, known }))
})

describe.each(RUNS)('$name, $loss, hidden sizes $hidden, batch of $batch', (run) => {
  const { name, known, within } = run

  test('the raw outputs are those of PyTorch', () => {
    const { network } = createCase(name, known)
    const outputs = new Float64Array(known.raw.length)
    for (let at = 0; at < known.ends.length; at += 64) {
      const ends = Int32Array.from(known.ends.slice(at, at + 64))
      network.forward(ends, ends.length, outputs.subarray(at * known.outputs))
    }
    expectClose(outputs, known.raw, within.raw)
  })

  test('loss and every gradient are those of PyTorch', () => {
    const { network, runner, order } = createCase(name, known)
    const loss = runner.lossAndGradients(order, 0, order.length)
    expect(Math.abs(loss - (known.losses[0] as number))).toBeLessThan(within.loss)
    const gradients = new Float64Array(known.gradients.length)
    network.readGradients(gradients)
    expectClose(gradients, known.gradients, within.gradients)
  })

  test('ten AdamW steps have the losses, norms and weights of PyTorch', () => {
    const { network, runner, order } = createCase(name, known)
    for (const [step, expected] of known.losses.entries()) {
      const loss = runner.lossAndGradients(order, 0, order.length)
      const norm = network.gradientNorm()
      network.adamwStep({ ...fixture.adamw, gradientScale: clipFactor(norm, fixture.clipNorm) })
      expect(Math.abs(loss - expected)).toBeLessThan(within.steps)
      expect(Math.abs(norm - (known.norms[step] as number))).toBeLessThan(within.steps)
    }
    const final = new Float64Array(known.final.length)
    network.readParameters(final)
    expectClose(final, known.final, within.steps)
  })
})

function createCase(name: EngineName, known: ParityCase) {
  const network = selectEngine(name).createNetwork({
    inputSize: known.features,
    hiddenSizes: known.hidden,
    outputSize: known.outputs,
    windowLength: known.rows,
  })
  network.bindRows({ values: Float64Array.from(known.rowValues), width: known.features })
  network.loadParameters(Float64Array.from(known.initial))
  const ends = Int32Array.from(known.ends)
  const targets = Float64Array.from(known.targets)
  const windows = {
    ends,
    targets,
    ...(known.weights ? { weights: Float64Array.from(known.weights) } : {}),
  }
  const runner = createBatchRunner(network, createLoss(specOf(known)), windows)
  return { network, runner, order: Int32Array.from(ends.keys()) }
}

function specOf({ loss }: ParityCase): LossSpec {
  return loss === 'pinball' ? { kind: loss, levels: fixture.levels } : { kind: loss }
}

function expectClose(received: Float64Array, expected: number[], tolerance: number): void {
  const worst = expected.reduce((most, value, i) => {
    return Math.max(most, Math.abs((received[i] as number) - value))
  }, 0)
  expect(worst).toBeLessThan(tolerance)
}
