/** One training on several threads: the same bits as on one. */
import { describe, expect, test, vi } from 'vitest'
import type { TrainingCheckpoint } from '../../src/lstm/checkpoint.ts'
import { selectEngine } from '../../src/lstm/engines.ts'
import { trainLstmParallel } from '../../src/lstm/parallel.ts'
import { threadsThatPay } from '../../src/lstm/parallel-plan.ts'
import { weightsDigest } from '../../src/lstm/serialise.ts'
import { trainLstm } from '../../src/lstm/train.ts'
import { DEFAULT_TRAINING, type EpochEvent } from '../../src/lstm/training-request.ts'
import { trainingRequest } from './lstm-training-request.ts'

// Threads and processes take their time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SIMD = { engine: selectEngine('wasm-simd') }

const moduleUrl = (name: string) => new URL(`./${name}`, import.meta.url).href

describe.each(['reference', 'wasm-simd', 'wasm-relaxed-simd'] as const)('on %s', (name) => {
  test('two and four threads train what one trains, to the bit, epoch by epoch', async () => {
    const request = trainingRequest(undefined, { engine: selectEngine(name) })
    const alone = trainLstm(request)
    for (const threads of [1, 2, 4]) {
      const events: EpochEvent[] = []
      const onEvent = (event: EpochEvent) => events.push(event)
      const trained = await trainLstmParallel({ ...request, threads, onEvent })
      expect(weightsDigest(trained.weights)).toBe(weightsDigest(alone.weights))
      expect(trained).toEqual(alone)
      expect(events).toEqual(alone.history)
    }
  })
})

describe('with threads that dawdle at random', () => {
  test('the weights stay the same', async () => {
    const request = trainingRequest({ epochs: 3 }, SIMD)
    const digest = weightsDigest(trainLstm(request).weights)
    const engineModule = moduleUrl('lstm-unsteady-engine.ts')
    for (const threads of [2, 3]) {
      const trained = await trainLstmParallel({ ...request, threads, engineModule })
      expect(weightsDigest(trained.weights)).toBe(digest)
    }
  })

  test('which says something, because micro-batches summed in another order give other bits', () => {
    const { architecture, rows } = trainingRequest()
    const network = SIMD.engine.createNetwork(architecture)
    network.bindRows(rows)
    network.loadParameters(new Float64Array(network.readState().parameters.length).fill(0.1))
    const parts = [0, 1, 2].map((part) => {
      const ends = Int32Array.from({ length: 64 }, (_, i) => 10 + 64 * part + i)
      const into = new Float32Array(network.packed.length)
      const outputs = new Float64Array(64 * 3)
      network.forward(ends, 64, outputs)
      network.backward(outputs, into)
      return into
    })
    const summed = (order: number[]) => {
      network.zeroGradients()
      for (const part of order) network.addGradients(parts[part] as Float32Array)
      const gradients = new Float64Array(network.readState().parameters.length)
      network.readGradients(gradients)
      return gradients
    }
    expect(summed([0, 1, 2])).toEqual(summed([0, 1, 2]))
    expect(summed([2, 1, 0])).not.toEqual(summed([0, 1, 2]))
  })
})

test('a batch of more micro-batches than slots takes several rounds', async () => {
  const base = trainingRequest()
  const repeat = <A extends Int32Array | Float64Array>(values: A, length: number): A =>
    values.constructor === Int32Array
      ? (Int32Array.from({ length }, (_, i) => values[i % values.length] as number) as A)
      : (Float64Array.from({ length }, (_, i) => values[i % values.length] as number) as A)
  const { ends, targets } = base.train
  const train = { ends: repeat(ends, 2500), targets: repeat(targets, 2500) }
  const request = trainingRequest({ epochs: 2, batchSize: 2400 }, { ...SIMD, train })
  const trained = await trainLstmParallel({ ...request, threads: 2 })
  expect(trained).toEqual(trainLstm(request))
})

test('checkpoints of several threads resume on one, and the other way round', async () => {
  const request = trainingRequest(undefined, { ...SIMD, checkpointEvery: 2 })
  const checkpoints: TrainingCheckpoint[] = []
  const onCheckpoint = (checkpoint: TrainingCheckpoint) => checkpoints.push(checkpoint)
  const whole = await trainLstmParallel({ ...request, threads: 2, onCheckpoint })
  const alone: TrainingCheckpoint[] = []
  trainLstm({ ...request, onCheckpoint: (checkpoint) => alone.push(checkpoint) })
  expect(checkpoints).toEqual(alone)
  for (const resume of checkpoints.slice(0, 2)) {
    expect(trainLstm({ ...request, resume })).toEqual(whole)
    expect(await trainLstmParallel({ ...request, threads: 2, resume })).toEqual(whole)
  }
})

describe('without being told', () => {
  const large = {
    ...trainingRequest(),
    architecture: { inputSize: 16, hiddenSizes: [128], outputSize: 3, windowLength: 20 },
  }
  const options = { ...DEFAULT_TRAINING, batchSize: 256 }

  test('large batches of a large model are divided, over at most their micro-batches', () => {
    expect(threadsThatPay(large, options, 2)).toBe(2)
    expect(threadsThatPay(large, options, 16)).toBe(4)
    expect(threadsThatPay(large, options, 1)).toBe(1)
  })

  test('single micro-batches, small models and short trainings are not', () => {
    expect(threadsThatPay(large, { ...options, batchSize: 64 }, 8)).toBe(1)
    expect(threadsThatPay(trainingRequest(), options, 8)).toBe(1)
    expect(threadsThatPay(large, { ...options, epochs: 1 }, 8)).toBe(1)
  })
})
