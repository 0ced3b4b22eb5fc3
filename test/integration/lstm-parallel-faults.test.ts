/** One training on several threads: whatever becomes of a thread, it ends, and says how. */
import { describe, expect, test, vi } from 'vitest'
import { isTickerflowError, type TickerflowError } from '../../src/errors.ts'
import { selectEngine } from '../../src/lstm/engines.ts'
import { type ParallelTrainingRequest, trainLstmParallel } from '../../src/lstm/parallel.ts'
import { trainingRequest } from './lstm-training-request.ts'

// Threads take their time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SIMD = { engine: selectEngine('wasm-simd') }
const CRASHING = new URL('./lstm-crashing-engine.ts', import.meta.url).href

async function caught(training: Promise<unknown>): Promise<TickerflowError> {
  const error: unknown = await training.then(
    () => new Error('nothing was thrown'),
    (reason) => reason,
  )
  if (isTickerflowError(error)) return error
  throw error
}

describe('when a thread fails', () => {
  test.each([
    ['helper', 'exit', 'code 7', 2],
    ['helper', 'throw', 'out of luck', 2],
    ['leader', 'exit', 'code 7', 1],
    ['leader', 'throw', 'out of luck', 1],
  ])('the %s, by %s, it is an error that names the training', async (role, how, reason, thread) => {
    const engineModule = `${CRASHING}?role=${role}&how=${how}`
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
