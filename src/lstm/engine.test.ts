/** The contract of every engine. */
import { beforeEach, describe, expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { DEFAULT_ADAMW } from './adamw.ts'
import type { DropoutStream } from './dropout.ts'
import { type LstmEngine, type LstmNetwork, MICRO_BATCH, type PackedVector } from './engine.ts'
import { selectEngine } from './engines.ts'
import { initialParameters, parameterCount } from './parameters.ts'
import { referenceEngine } from './reference-engine.ts'
import { createWasmEngine } from './wasm-engine.ts'

const ENGINES: { engine: LstmEngine; tolerance: number }[] = [
  { engine: referenceEngine, tolerance: 0 },
  { engine: createWasmEngine('simd', { wideTiles: false }), tolerance: 6e-6 },
  { engine: selectEngine('wasm-simd'), tolerance: 6e-6 },
  { engine: createWasmEngine('relaxed-simd', { wideTiles: false }), tolerance: 6e-6 },
  { engine: selectEngine('wasm-relaxed-simd'), tolerance: 6e-6 },
]

const SHAPES = [
  { inputSize: 3, hiddenSizes: [5], outputSize: 3, windowLength: 6 },
  { inputSize: 10, hiddenSizes: [16], outputSize: 3, windowLength: 7 },
  { inputSize: 1, hiddenSizes: [1], outputSize: 1, windowLength: 1 },
  { inputSize: 7, hiddenSizes: [9, 6], outputSize: 2, windowLength: 5 },
  { inputSize: 2, hiddenSizes: [4, 8, 3], outputSize: 5, windowLength: 3 },
]

const ROWS = 90
const STEP = { ...DEFAULT_ADAMW, learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.7 }

describe.each(ENGINES)('the engine $engine.name', ({ engine, tolerance }) => {
  describe.each(SHAPES)(
    'with hidden sizes $hiddenSizes and inputs of $inputSize',
    (architecture) => {
      const { outputSize: K } = architecture
      const count = parameterCount(architecture)
      let network: LstmNetwork
      let reference: LstmNetwork

      beforeEach(() => {
        network = prepare(engine)
        reference = prepare(referenceEngine)
      })

      function prepare(which: LstmEngine): LstmNetwork {
        const made = which.createNetwork(architecture)
        const parameters = initialParameters(architecture, createRandom(7), new Array(K).fill(0.25))
        made.bindRows({ values: someRows(architecture.inputSize), width: architecture.inputSize })
        made.loadParameters(parameters.map(Math.fround))
        return made
      }

      function run(which: LstmNetwork, ends: Int32Array, dropout?: DropoutStream): Float64Array {
        const outputs = new Float64Array(ends.length * K)
        which.forward(ends, ends.length, outputs, dropout)
        return outputs
      }

      test.each([1, 2, 3, 4, 5, 31, MICRO_BATCH])(
        'agrees with the reference on %i windows',
        (n) => {
          const ends = someEnds(n, architecture.windowLength)
          expectClose(run(network, ends), run(reference, ends), tolerance)
        },
      )

      test('gives a window the same outputs alone and in company', () => {
        const ends = someEnds(13, architecture.windowLength)
        const together = run(network, ends)
        for (const [window, end] of ends.entries()) {
          const alone = run(network, Int32Array.of(end))
          expect(alone).toEqual(together.slice(window * K, (window + 1) * K))
          network.infer(end, alone)
          expect(alone).toEqual(together.slice(window * K, (window + 1) * K))
        }
      })

      test.each([1, 6, MICRO_BATCH])('has the gradients of the reference on %i windows', (n) => {
        const ends = someEnds(n, architecture.windowLength)
        const dropout = { rate: 0.3, key: [5, 6] as const, step: 2, firstWindow: 64 }
        expectClose(
          gradientsOf(network, ends, dropout),
          gradientsOf(reference, ends, dropout),
          tolerance,
        )
      })

      function gradientsOf(which: LstmNetwork, ends: Int32Array, dropout?: DropoutStream) {
        run(which, ends, dropout)
        which.zeroGradients()
        which.backward(someGradients(ends.length * K))
        return readGradients(which)
      }

      function readGradients(which: LstmNetwork): Float64Array {
        const gradients = new Float64Array(count)
        which.readGradients(gradients)
        return gradients
      }

      test('adds the gradients of micro-batches and clears them when told', () => {
        const first = gradientsOf(network, someEnds(5, architecture.windowLength))
        const ends = someEnds(4, architecture.windowLength).reverse()
        const second = gradientsOf(network, ends)
        run(network, someEnds(5, architecture.windowLength))
        network.zeroGradients()
        network.backward(someGradients(5 * K))
        run(network, ends)
        network.backward(someGradients(4 * K))
        const sum = first.map((value, i) => value + (second[i] as number))
        expectClose(readGradients(network), sum, 1e-6)
        network.zeroGradients()
        expect(readGradients(network).every((value) => value === 0)).toBe(true)
      })

      test('hands gradients to another network of its kind, to the bit', () => {
        const [first, second] = [5, 9].map((n) => someEnds(n, architecture.windowLength))
        const passOn = (ends: Int32Array | undefined, into?: PackedVector) => {
          const windows = ends ?? new Int32Array()
          run(network, windows)
          network.backward(someGradients(windows.length * K), into)
        }
        network.zeroGradients()
        passOn(first)
        passOn(second)
        const whole = readGradients(network)
        network.zeroGradients()
        const vectors = [first, second].map((ends) => {
          const vector = packedVector(network)
          passOn(ends, vector)
          return vector
        })
        expect(readGradients(network).every((value) => value === 0)).toBe(true)
        const other = prepare(engine)
        other.zeroGradients()
        for (const vector of vectors) other.addGradients(vector)
        expect(readGradients(other)).toEqual(whole)
      })

      test('hands weights to another network of its kind, to the bit', () => {
        const ends = someEnds(7, architecture.windowLength)
        gradientsOf(network, ends)
        network.adamwStep(STEP)
        const weights = packedVector(network)
        network.copyWeights(weights)
        const other = prepare(engine)
        other.adoptWeights(weights)
        expect(run(other, ends)).toEqual(run(network, ends))
        expect(gradientsOf(other, ends)).toEqual(gradientsOf(network, ends))
      })

      function packedVector({ packed }: LstmNetwork): PackedVector {
        const { length, bytesPerElement } = packed
        return bytesPerElement === 4 ? new Float32Array(length) : new Float64Array(length)
      }

      test('reports the norm of its gradients', () => {
        const gradients = gradientsOf(network, someEnds(9, architecture.windowLength))
        const norm = Math.sqrt(gradients.reduce((sum, value) => sum + value * value, 0))
        expect(network.gradientNorm() / norm).toBeCloseTo(1, 5)
      })

      test('takes the AdamW steps of the reference', () => {
        const ends = someEnds(11, architecture.windowLength)
        for (const which of [network, reference]) {
          for (let step = 0; step < 3; step++) {
            gradientsOf(which, ends)
            which.adamwStep(STEP)
          }
        }
        expectClose(readParameters(network), readParameters(reference), 3 * tolerance)
      })

      function readParameters(which: LstmNetwork): Float64Array<ArrayBuffer> {
        const out = new Float64Array(count)
        which.readParameters(out)
        return out
      }

      test('gives back the parameters that it was given', () => {
        const parameters = Float64Array.from({ length: count }, (_, i) => Math.fround(i / 7 - 3))
        network.loadParameters(parameters)
        expect(readParameters(network)).toEqual(parameters)
      })

      test('goes on from its state bit for bit', () => {
        const ends = someEnds(6, architecture.windowLength)
        const step = (which: LstmNetwork) => {
          gradientsOf(which, ends)
          which.adamwStep(STEP)
        }
        step(network)
        const restored = prepare(engine)
        restored.loadState(network.readState())
        step(network)
        step(restored)
        expect(readParameters(restored)).toEqual(readParameters(network))
        expect(restored.readState().steps).toBe(2)
      })

      test('repeats itself bit for bit', () => {
        const ends = someEnds(37, architecture.windowLength)
        const other = prepare(engine)
        run(other, someEnds(64, architecture.windowLength))
        expect(gradientsOf(other, ends)).toEqual(gradientsOf(network, ends))
      })

      test('refuses shapes that do not fit, naming both', () => {
        const { inputSize: F, windowLength: T } = architecture
        const outputs = new Float64Array(MICRO_BATCH * K)
        expect(() => network.bindRows({ values: new Float64Array(8), width: F + 1 })).toThrow(
          `[n, ${F}]`,
        )
        expect(() => network.loadParameters(new Float64Array(count + 1))).toThrow(
          `Expected ${count}`,
        )
        const { length, bytesPerElement } = network.packed
        const short = new Float32Array(length - 1)
        const expected = `Expected ${length} packed elements of ${bytesPerElement} bytes, received ${length - 1} of 4`
        expect(() => network.addGradients(short)).toThrow(expected)
        expect(() => network.copyWeights(short)).toThrow(expected)
        run(network, someEnds(2, T))
        expect(() => network.backward(outputs, short)).toThrow(expected)
        expect(() => network.adoptWeights(short)).toThrow(expected)
        expect(() => network.forward(Int32Array.of(T - 2), 1, outputs)).toThrow(`row ${T - 2}`)
        expect(() => network.forward(Int32Array.of(ROWS), 1, outputs)).toThrow(`row ${ROWS}`)
        expect(() => network.forward(new Int32Array(99).fill(T), 65, outputs)).toThrow('1 to 64')
        expect(() => network.forward(new Int32Array(1), 0, outputs)).toThrow('1 to 64')
        expect(() => network.forward(Int32Array.of(T), 1, new Float64Array(0))).toThrow(`[1, ${K}]`)
      })
    },
  )

  test('refuses sizes that are not positive integers', () => {
    const good = { inputSize: 2, hiddenSizes: [3], outputSize: 1, windowLength: 4 }
    for (const bad of [{ inputSize: 0 }, { hiddenSizes: [] }, { hiddenSizes: [2.5] }]) {
      expect(() => engine.createNetwork({ ...good, ...bad })).toThrow(RangeError)
    }
  })
})

function someRows(width: number): Float64Array {
  const random = createRandom('rows')
  return Float64Array.from({ length: ROWS * width }, () => Math.fround(random.normal()))
}

function someEnds(count: number, windowLength: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    return windowLength - 1 + ((i * 29) % (ROWS - windowLength + 1))
  })
}

function someGradients(length: number): Float64Array {
  const random = createRandom('gradients')
  return Float64Array.from({ length }, () => Math.fround(random.normal()))
}

/** Largest difference as a fraction of the largest expected value. */
function expectClose(received: Float64Array, expected: Float64Array, tolerance: number): void {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const worst = received.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))),
    0,
  )
  expect(worst).toBeLessThanOrEqual(tolerance * largest)
}
