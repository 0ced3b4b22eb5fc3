/** A training that was stopped goes on as if nothing had happened. */
import { describe, expect, test } from 'vitest'
import { isTickerflowError, type TickerflowError } from '../../src/errors.ts'
import type { TrainingCheckpoint } from '../../src/lstm/checkpoint.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/lstm/checkpoint-bytes.ts'
import { selectEngine } from '../../src/lstm/engines.ts'
import { weightsDigest } from '../../src/lstm/serialise.ts'
import { trainLstm } from '../../src/lstm/train.ts'
import type { TrainingOptions, TrainingRequest } from '../../src/lstm/training-request.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { trainingRequest } from './lstm-training-request.ts'

const SCHEDULES: TrainingOptions['schedule'][] = [
  { kind: 'reduce-on-plateau', factor: 0.5, patience: 1, minimumFraction: 0.01 },
  { kind: 'cosine', finalFraction: 0.1 },
]

const CASES = (['reference', 'wasm-simd', 'wasm-relaxed-simd'] as const).flatMap((engine) =>
  SCHEDULES.map((schedule) => ({ engine: selectEngine(engine), schedule })),
)

function withCheckpoints(request: TrainingRequest) {
  const checkpoints: TrainingCheckpoint[] = []
  const onCheckpoint = (checkpoint: TrainingCheckpoint) => checkpoints.push(checkpoint)
  const trained = trainLstm({ checkpointEvery: 1, onCheckpoint, ...request })
  return { trained, checkpoints }
}

function caught(action: () => unknown): TickerflowError {
  try {
    action()
  } catch (error) {
    if (isTickerflowError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe.each(CASES)('a training on $engine.name with schedule $schedule.kind', (given) => {
  const { engine, schedule } = given

  test('gives the same weights and history from every checkpoint on, through bytes', () => {
    const request = trainingRequest({ schedule, learningRate: 1 }, { engine })
    const { trained, checkpoints } = withCheckpoints(request)
    expect(checkpoints.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6])
    const rates = new Set(trained.history.map(({ learningRate }) => learningRate))
    expect(rates.size).toBeGreaterThan(1)
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint))
      const resumed = trainLstm({ ...request, random: createRandom('unused'), resume })
      expect(weightsDigest(resumed.weights)).toBe(weightsDigest(trained.weights))
      expect(resumed).toEqual(trained)
    }
  })
})

test('a training stopped between two checkpoints goes on from the last one', () => {
  const whole = trainLstm(trainingRequest())
  let last: TrainingCheckpoint | undefined
  const controller = new AbortController()
  const stopped = trainingRequest(undefined, {
    signal: controller.signal,
    checkpointEvery: 2,
    onCheckpoint: (checkpoint) => {
      last = checkpoint
    },
    onEvent: ({ epoch }) => epoch === 5 && controller.abort(),
  })
  expect(caught(() => trainLstm(stopped)).code).toBe('INTERRUPTED')
  if (last === undefined) throw new Error('no checkpoint was taken')
  expect(last.epoch).toBe(4)
  expect(trainLstm(trainingRequest(undefined, { resume: last }))).toEqual(whole)
})

test('a finished training, resumed, is over; with more epochs it goes on', () => {
  const { trained, checkpoints } = withCheckpoints(trainingRequest())
  const resume = checkpoints.at(-1) as TrainingCheckpoint
  expect(trainLstm(trainingRequest(undefined, { resume }))).toEqual(trained)
  const longer = trainLstm(trainingRequest({ epochs: 8, patience: 8 }, { resume }))
  expect(longer).toEqual(trainLstm(trainingRequest({ epochs: 8, patience: 8 })))
})

test('a checkpoint stays as it was while training goes on', () => {
  const seen: string[] = []
  const kept: TrainingCheckpoint[] = []
  const digest = (checkpoint: TrainingCheckpoint) =>
    Buffer.from(encodeCheckpoint(checkpoint).slice(-32)).toString('hex')
  const onCheckpoint = (checkpoint: TrainingCheckpoint) => {
    seen.push(digest(checkpoint))
    kept.push(checkpoint)
  }
  trainLstm(trainingRequest(undefined, { checkpointEvery: 1, onCheckpoint }))
  expect(kept.map(digest)).toEqual(seen)
})

test('an unclipped training keeps its infinite norm through bytes', () => {
  const { checkpoints } = withCheckpoints(trainingRequest({ epochs: 1, clipNorm: Infinity }))
  const checkpoint = checkpoints[0] as TrainingCheckpoint
  expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint)
})

describe('a checkpoint is refused', () => {
  const { checkpoints } = withCheckpoints(trainingRequest({ epochs: 2 }))
  const resume = checkpoints[0] as TrainingCheckpoint
  const bytes = encodeCheckpoint(resume)

  test('with any byte altered, cut off, or foreign', () => {
    for (let at = 0; at < bytes.length; at += 97) {
      const altered = bytes.slice()
      altered[at] = (altered[at] as number) ^ 4
      expect(caught(() => decodeCheckpoint(altered)).code).toBe('MODEL_DAMAGED')
    }
    for (const length of [0, 3, 8, 11, 30, 60, 1000, bytes.length - 1]) {
      expect(caught(() => decodeCheckpoint(bytes.slice(0, length))).code).toBe('MODEL_DAMAGED')
    }
    expect(caught(() => decodeCheckpoint(bytes.slice(0, -1))).message).toContain('digest')
    expect(
      caught(() => decodeCheckpoint(Buffer.from('PK\u0003\u0004 not ours'))).message,
    ).toContain('PK')
  })

  test.each([
    ['architecture', { architecture: { ...resume.architecture, hiddenSizes: [9, 7] } }],
    ['loss', { loss: { kind: 'pinball', levels: [0.1, 0.5, 0.9] } }],
    ['engine', { engine: selectEngine('wasm-simd') }],
    ['options', { options: { ...resume.options, learningRate: 1 } }],
    ['data', { rows: { values: new Float64Array(1800).fill(0.5), width: 3 } }],
  ] as const)('by a training with another %s, naming both', (what, overrides) => {
    const request = trainingRequest({ epochs: 2 }, { resume })
    const error = caught(() => trainLstm({ ...request, ...overrides } as TrainingRequest))
    expect(error.code).toBe('MODEL_DAMAGED')
    expect(error.message).toContain(`another ${what}`)
    expect(error.details.received).toBeDefined()
    expect(error.details.expected).toBeDefined()
  })

  test('when its vectors do not fit its network', () => {
    const best = { ...resume.best, weights: new Float64Array(3) }
    const request = trainingRequest({ epochs: 2 }, { resume: { ...resume, best } })
    expect(caught(() => trainLstm(request)).message).toContain('it has 3')
  })
})

test('checkpoints come at a positive interval', () => {
  const request = trainingRequest(undefined, { checkpointEvery: 0 })
  expect(() => trainLstm(request)).toThrow('checkpointEvery must be a positive integer, not 0')
})
