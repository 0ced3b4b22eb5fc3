import { describe, expect, test } from 'vitest'
import { isTickerflowError, type TickerflowError } from '../errors.ts'
import { createRandom } from '../numerics/random.ts'
import type { TrainingCheckpoint } from './checkpoint.ts'
import { selectEngine } from './engines.ts'
import { createLstmPredictor } from './predict.ts'
import { deserialiseLstm, type SerialisedLstm, weightsDigest } from './serialise.ts'
import { trainLstm } from './train.ts'
import type { EpochEvent, TrainingRequest } from './training-request.ts'
import type { TrainingWindows } from './windows.ts'

const T = 5

/** The target is the sum of the first feature over the window's last three rows, plus a little noise. */
function toyRequest(overrides: Partial<TrainingRequest> = {}): TrainingRequest {
  const random = createRandom('toy')
  const values = Float64Array.from({ length: 600 }, () => random.normal())
  const windowsOf = (from: number, to: number): TrainingWindows => {
    const ends = Int32Array.from({ length: to - from }, (_, i) => from + i)
    const feature = (row: number) => values[row * 2] as number
    const targets = Float64Array.from(ends, (end) => {
      return (feature(end) + feature(end - 1) + feature(end - 2)) / 2 + 0.1 * random.normal()
    })
    return { ends, targets }
  }
  return {
    architecture: { inputSize: 2, hiddenSizes: [8], outputSize: 1, windowLength: T },
    rows: { values, width: 2 },
    train: windowsOf(T - 1, 230),
    validation: windowsOf(235, 300),
    loss: { kind: 'squared-error' },
    options: { epochs: 25, batchSize: 16, learningRate: 0.02, patience: 25 },
    random: createRandom(1),
    ...overrides,
  }
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

describe('training', () => {
  test('learns a toy task', () => {
    const trained = trainLstm(toyRequest())
    expect(trained.history[0]?.validationLoss).toBeGreaterThan(0.12)
    expect(trained.bestValidationLoss).toBeLessThan(0.06)
  })

  test('finds the scale of noise that it cannot foresee', () => {
    const request = toyRequest({
      architecture: { inputSize: 2, hiddenSizes: [6, 4], outputSize: 3, windowLength: T },
      loss: { kind: 'student-t' },
    })
    const trained = trainLstm({ ...request, options: { ...request.options, dropout: 0.1 } })
    const first = trained.history[0]?.validationLoss as number
    expect(trained.bestValidationLoss).toBeLessThan(first - 0.3)
  })

  test('gives the same weights for the same seed, and others for another', () => {
    const digest = (seed: number) => {
      const options = { epochs: 3, batchSize: 16, dropout: 0.2 }
      const architecture = { inputSize: 2, hiddenSizes: [4, 4], outputSize: 1, windowLength: T }
      const random = createRandom(seed)
      return weightsDigest(trainLstm(toyRequest({ architecture, random, options })).weights)
    }
    expect(digest(11)).toBe(digest(11))
    expect(digest(12)).not.toBe(digest(11))
  })

  test('reports every epoch and keeps the weights of the best', () => {
    const events: EpochEvent[] = []
    const trained = trainLstm(toyRequest({ onEvent: (event) => events.push(event) }))
    expect(trained.history).toEqual(events)
    expect(events.map((event) => event.epoch)).toEqual(events.map((_, i) => i + 1))
    const best = Math.min(...events.map((event) => event.validationLoss))
    expect(trained.bestValidationLoss).toBe(best)
    expect(events[trained.bestEpoch - 1]?.validationLoss).toBe(best)
    expect(validationLossOf(trained)).toBeCloseTo(best, 6)
  })

  function validationLossOf(model: ReturnType<typeof trainLstm>): number {
    const { rows, validation } = toyRequest()
    const predictor = createLstmPredictor(model)
    const errors = Array.from(validation.ends, (end, i) => {
      const [raw] = predictor.predict(rows, end)
      return (raw as number) - (validation.targets[i] as number)
    })
    return errors.reduce((sum, error) => sum + error * error, 0) / errors.length
  }

  test('stops when the validation loss has not improved for the patience', () => {
    const options = { epochs: 200, batchSize: 16, learningRate: 0.05, patience: 3 }
    const trained = trainLstm(toyRequest({ options }))
    expect(trained.history.length).toBe(trained.bestEpoch + 3)
    expect(trained.history.length).toBeLessThan(200)
  })

  test('ends with the last epoch, and not before, where that is asked for', () => {
    const options = { epochs: 12, batchSize: 16, learningRate: 0.2, patience: 1 }
    const best = trainLstm(toyRequest({ options }))
    const last = trainLstm(toyRequest({ options: { ...options, keep: 'last' } }))
    expect(best.history.length).toBeLessThan(12)
    expect([last.history.length, last.bestEpoch]).toEqual([12, 12])
    expect(validationLossOf(last)).toBeCloseTo(last.history.at(-1)?.validationLoss as number, 6)
  })

  test('does not let windows of weight zero teach anything', () => {
    const request = toyRequest({ options: { epochs: 2, batchSize: 300 } })
    const { ends, targets } = request.train
    const weights = Float64Array.from(ends, (_, i) => (i % 3 === 0 ? 0 : 1))
    const other = targets.map((target, i) => (weights[i] === 0 ? 1e6 : target))
    const first = trainLstm({
      ...request,
      random: createRandom(5),
      train: { ends, targets, weights },
    })
    const second = trainLstm({
      ...request,
      random: createRandom(5),
      train: { ends, targets: other, weights },
    })
    expect(second.weights).toEqual(first.weights)
  })

  test('stops at the next batch when its signal is aborted', () => {
    const controller = new AbortController()
    const onEvent = () => controller.abort('enough')
    const error = caught(() => trainLstm(toyRequest({ signal: controller.signal, onEvent })))
    expect(error.code).toBe('INTERRUPTED')
    expect(error.details).toEqual({ epoch: 2 })
  })

  test('refuses an input that is not finite, with its place', () => {
    const request = toyRequest()
    request.rows.values[2 * 41 + 1] = NaN
    const error = caught(() => trainLstm(request))
    expect(error.code).toBe('INPUT_NOT_FINITE')
    expect(error.details).toEqual({ row: 41, column: 1, value: 'NaN' })
    const targets = toyRequest().train.targets.slice()
    targets[3] = Infinity
    const train = { ends: request.train.ends, targets }
    expect(caught(() => trainLstm(toyRequest({ train }))).message).toContain('training targets[3]')
  })

  test('reads no row that lies in no window', () => {
    const request = toyRequest({ options: { epochs: 1 } })
    request.rows.values[2 * 232] = NaN
    const validation = {
      ...request.validation,
      ends: request.validation.ends.map((end) => end + 0),
    }
    expect(() => trainLstm({ ...request, validation })).toThrow(/Row 232/)
    const ends = request.validation.ends.slice(5)
    const targets = request.validation.targets.slice(5)
    expect(() => trainLstm({ ...request, validation: { ends, targets } })).not.toThrow()
  })

  test.each([1e39, -1e300])('refuses %d, which float32 does not hold', (value) => {
    const request = toyRequest()
    request.rows.values[2 * 41] = value
    const error = caught(() => trainLstm(request))
    expect(error.code).toBe('INPUT_NOT_FINITE')
    expect(error.details).toEqual({ row: 41, column: 0, value: String(value) })
  })

  test.each([
    ['reference', 1e150, 1],
    ['wasm-simd', 1e18, 1],
    ['wasm-relaxed-simd', 1e18, 1],
    ['reference', 1e150, 300],
    ['wasm-simd', 1e18, 300],
  ] as const)('stops on %s when the loss diverges at rate %d', (name, learningRate, batchSize) => {
    const events: EpochEvent[] = []
    const request = toyRequest({
      options: { epochs: 40, batchSize, learningRate, clipNorm: Infinity },
      engine: selectEngine(name),
      onEvent: (event) => events.push(event),
    })
    const error = caught(() => trainLstm(request))
    expect(error.code).toBe('TRAINING_DIVERGED')
    expect(error.details).toMatchObject({ epoch: events.length + 1, learningRate })
    expect(error.message).toContain(`in epoch ${events.length + 1} at learning rate`)
    expect(error.message).toContain('Lower the learning rate')
  })

  test('keeps the weights of the best epoch before it diverged', () => {
    const healthy = toyRequest({ options: { epochs: 3, batchSize: 16, learningRate: 0.02 } })
    const checkpoints: TrainingCheckpoint[] = []
    const onCheckpoint = (checkpoint: TrainingCheckpoint) => checkpoints.push(checkpoint)
    trainLstm({ ...healthy, checkpointEvery: 1, onCheckpoint })
    const checkpoint = checkpoints[2] as TrainingCheckpoint
    const { network } = checkpoint
    const resume = {
      ...checkpoint,
      network: { ...network, parameters: network.parameters.map(() => NaN) },
    }
    const options = { ...healthy.options, epochs: 9 }
    const error = caught(() => trainLstm({ ...healthy, options, resume }))
    expect(error.message).toContain(`the weights of epoch ${checkpoint.best.epoch} are kept`)
    const { best } = error.details as { best: SerialisedLstm }
    expect(deserialiseLstm(best).weights).toEqual(Float32Array.from(checkpoint.best.weights))
  })

  test('refuses options and shapes that make no sense', () => {
    for (const options of [
      { epochs: 0 },
      { batchSize: 1.5 },
      { learningRate: NaN },
      { clipNorm: 0 },
    ]) {
      expect(() => trainLstm(toyRequest({ options }))).toThrow(RangeError)
    }
    expect(() => trainLstm(toyRequest({ loss: { kind: 'gaussian' } }))).toThrow('reads 2 outputs')
    const train = { ends: Int32Array.of(4, 5), targets: new Float64Array(3) }
    expect(() => trainLstm(toyRequest({ train }))).toThrow('2 windows need as many targets, not 3')
    const early = { ends: Int32Array.of(2), targets: new Float64Array(1) }
    expect(() => trainLstm(toyRequest({ train: early }))).toThrow('window 0 ends at row 2')
  })
})
