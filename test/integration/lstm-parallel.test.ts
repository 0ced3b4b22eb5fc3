/** One training on several threads: the same bits as on one, and no way to hang. */
import { describe, expect, test, vi } from 'vitest'
import { isTickerflowError, type TickerflowError } from '../../src/errors.ts'
import type { TrainingCheckpoint } from '../../src/lstm/checkpoint.ts'
import { selectEngine } from '../../src/lstm/engines.ts'
import { type ParallelTrainingRequest, trainLstmParallel } from '../../src/lstm/parallel.ts'
import { threadsThatPay } from '../../src/lstm/parallel-plan.ts'
import { weightsDigest } from '../../src/lstm/serialise.ts'
import { trainLstm } from '../../src/lstm/train.ts'
import { DEFAULT_TRAINING, type EpochEvent } from '../../src/lstm/training-request.ts'
import { trainingRequest } from './lstm-training-request.ts'

// Threads and processes take their time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SIMD = { engine: selectEngine('wasm-simd') }

const moduleUrl = (name: string) => new URL(`./${name}`, import.meta.url).href

async function caught(training: Promise<unknown>): Promise<TickerflowError> {
  const error: unknown = await training.then(
    () => new Error('nothing was thrown'),
    (reason) => reason,
  )
  if (isTickerflowError(error)) return error
  throw error
}

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

describe('when a thread fails', () => {
  test.each([
    ['helper', 'exit', 'code 7', 2],
    ['helper', 'throw', 'out of luck', 2],
    ['leader', 'exit', 'code 7', 1],
    ['leader', 'throw', 'out of luck', 1],
  ])('the %s, by %s, it is an error that names the training', async (role, how, reason, thread) => {
    const engineModule = `${moduleUrl('lstm-crashing-engine.ts')}?role=${role}&how=${how}`
    const request = { ...trainingRequest({ epochs: 50, patience: 50 }, SIMD), label: 'lstm 2008' }
    const error = await caught(trainLstmParallel({ ...request, threads: 2, engineModule }))
    expect(error.code).toBe('WORKER_FAILED')
    expect(error.message).toContain(`Thread ${thread} of 2 of 'lstm 2008' failed`)
    expect(error.message).toContain(reason)
    expect(error.details).toEqual({ task: 'lstm 2008', thread, threads: 2 })
  })

  test('because its engine cannot be made there, too', async () => {
    const engine = { ...SIMD.engine, name: 'home-made' }
    const request = { ...trainingRequest(undefined, { engine }), threads: 2 }
    expect((await caught(trainLstmParallel(request))).message).toContain("engine 'home-made'")
  })
})

test('an aborted signal stops all threads', async () => {
  const controller = new AbortController()
  const request: ParallelTrainingRequest = {
    ...trainingRequest({ epochs: 100_000, patience: 100_000 }, SIMD),
    signal: controller.signal,
    onEvent: ({ epoch }) => epoch === 3 && controller.abort('enough'),
    threads: 2,
  }
  const error = await caught(trainLstmParallel(request))
  expect(error.code).toBe('INTERRUPTED')
  expect(error.cause).toBe('enough')
  expect(error.details.epoch).toBeGreaterThanOrEqual(3)
  const again = await caught(trainLstmParallel({ ...request, onEvent: () => {} }))
  expect(again.details).toEqual({ epoch: 1 })
})

test('a diverging training keeps its best network', async () => {
  const request = trainingRequest({ learningRate: 1e30, clipNorm: Infinity }, SIMD)
  const error = await caught(trainLstmParallel({ ...request, threads: 2 }))
  expect(error.code).toBe('TRAINING_DIVERGED')
  expect(error.details).toHaveProperty('best')
})

test('an event listener that throws ends the training with its error', async () => {
  const onEvent = () => {
    throw new Error('no more events')
  }
  const request = trainingRequest({ epochs: 1000, patience: 1000 }, { ...SIMD, onEvent })
  await expect(trainLstmParallel({ ...request, threads: 2 })).rejects.toThrow('no more events')
})

test('threads are refused unless a positive integer', async () => {
  for (const threads of [0, 1.5, NaN]) {
    const training = trainLstmParallel({ ...trainingRequest(), threads })
    await expect(training).rejects.toThrow('threads must be a positive integer')
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
