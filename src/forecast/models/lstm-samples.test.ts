import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import { frameColumn } from '../../features/feature-frame.ts'
import { fitScaler } from '../../features/scaler.ts'
import { createRandom } from '../../numerics/random.ts'
import type { FitRequest } from '../forecaster.ts'
import { forwardReturn } from '../labels.ts'
import { prepareTraining, type SampleOptions } from './lstm-samples.ts'

const FIRST_COMPLETE = 250
const SPAN_END = 899
const frame = buildFeatureFrame(simulateBars({ sessions: 1000, seed: 'samples', symbol: 'ONE' }))
const second = buildFeatureFrame(simulateBars({ sessions: 950, seed: 'second', symbol: 'TWO' }))

const options: SampleOptions = {
  features: ['scaledReturn', 'rangeRatio5'],
  windowLength: 10,
  validationSessions: 100,
  gapSessions: 5,
}

function requestOf(changes: Partial<FitRequest> = {}): FitRequest {
  return {
    frames: [frame],
    symbol: 'ONE',
    span: { from: frame.date[0] as number, to: frame.date[SPAN_END] as number },
    horizon: 1,
    random: createRandom(1),
    ...changes,
  }
}

describe.each([1, 5, 20])('over %i session(s)', (horizon) => {
  test.each([0, 5, 30])('no training label matures in the validation rows (gap %i)', (gap) => {
    const samples = prepareTraining(requestOf({ horizon }), { ...options, gapSessions: gap })
    const { train, validation } = samples
    const lastLearnt = (train.ends.at(-1) ?? Number.NaN) + horizon
    expect(lastLearnt).toBeLessThan(validation.ends[0] as number)
    const between = (validation.ends[0] as number) - (train.ends.at(-1) as number) - 1
    expect(between).toBe(Math.max(gap, horizon))
  })

  test('every label matures inside the span, the last one at its end', () => {
    const { validation } = prepareTraining(requestOf({ horizon }), options)
    expect((validation.ends.at(-1) as number) + horizon).toBe(SPAN_END)
    expect(validation.ends).toHaveLength(options.validationSessions)
  })

  test('targets are returns over the trailing volatility times √h', () => {
    const { train } = prepareTraining(requestOf({ horizon }), options)
    const volatility = frameColumn(frame, 'ewmaVolatility')
    train.ends.forEach((row, i) => {
      const unit = (volatility[row] as number) * Math.sqrt(horizon)
      expect(train.targets[i]).toBeCloseTo(forwardReturn(frame, row, horizon) / unit, 12)
    })
  })
})

describe.each([1, 20])('an earlier block that is held out, over %i session(s)', (horizon) => {
  const request = requestOf({ horizon })
  const whole = prepareTraining(request, options)
  const { train, validation, all, scaler } = prepareTraining(request, options, 2)
  const gap = Math.max(options.gapSessions, horizon)

  test('ends where the later blocks begin', () => {
    const [first, last] = [validation.ends[0] as number, validation.ends.at(-1) as number]
    expect(last - first).toBe(options.validationSessions - 1)
    expect(last + 2 * options.validationSessions).toBe(whole.validation.ends.at(-1))
  })

  test('shares no label with the rows learnt from, before it and after it', () => {
    const [first, last] = [validation.ends[0] as number, validation.ends.at(-1) as number]
    const before = train.ends.filter((end) => end < first)
    const after = train.ends.filter((end) => end > last)
    expect(before.length + after.length).toBe(train.ends.length)
    expect(first - (before.at(-1) as number)).toBe(gap + 1)
    expect((after[0] as number) - last).toBe(gap + 1)
    expect(after.at(-1)).toBe(all.ends.at(-1))
  })

  test('is one of all windows, as are those between; the scaler is the same', () => {
    expect(all).toEqual(whole.all)
    expect(all.ends.length).toBe(train.ends.length + validation.ends.length + 2 * gap)
    expect(scaler).toEqual(whole.scaler)
  })
})

test('where the history is too short for an earlier block, the last one is held out', () => {
  expect(prepareTraining(requestOf(), options, 7)).toEqual(prepareTraining(requestOf(), options))
})

describe('the samples', () => {
  test('begin with the first complete window', () => {
    const { train } = prepareTraining(requestOf(), options)
    expect(train.ends[0]).toBe(FIRST_COMPLETE + options.windowLength - 1)
  })

  test('are scaled by the training rows alone', () => {
    const { scaler, train } = prepareTraining(requestOf(), options)
    const rows = { from: 0, to: (train.ends.at(-1) as number) + 1 }
    expect(scaler).toEqual(fitScaler([{ frame, rows }], options.features))
  })

  test('of several symbols lie one after the other, each split at its own time', () => {
    const request = requestOf({ frames: [frame, second] })
    const { rows, train, validation } = prepareTraining(request, options)
    const [n, all] = [frame.date.length, frame.date.length + second.date.length]
    expect(rows.values).toHaveLength(all * options.features.length)
    const own = prepareTraining(requestOf(), options)
    const ofFirst = train.ends.filter((end) => end < n)
    const ofSecond = train.ends.filter((end) => end >= n).map((end) => end - n)
    expect(ofFirst).toEqual(own.train.ends)
    expect(ofSecond).toEqual(own.train.ends)
    expect(validation.ends).toHaveLength(2 * options.validationSessions)
  })

  test('are the same whatever order the symbols come in', () => {
    const samples = prepareTraining(requestOf({ frames: [frame, second] }), options)
    const turned = prepareTraining(requestOf({ frames: [second, frame] }), options)
    expect(turned).toEqual(samples)
  })

  test('of a symbol that ends early keep its last session out of later spans', () => {
    const span = { from: frame.date[0] as number, to: frame.date[999] as number }
    const request = requestOf({ frames: [frame, second], span })
    const { validation } = prepareTraining(request, options)
    const last = Math.max(...validation.ends) - frame.date.length
    expect(last).toBe(second.date.length - 2)
    expect(validation.targets.every(Number.isFinite)).toBe(true)
  })

  test.each([
    ['training', { span: { from: frame.date[600] as number, to: frame.date[899] as number } }, {}],
    ['validation', {}, { validationSessions: 59 }],
  ])('are refused when there are too few for %s', (part, changes, other) => {
    expect(() => prepareTraining(requestOf(changes), { ...options, ...other })).toThrowError(
      expect.objectContaining({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringMatching(new RegExp(`lstm \\(${part} windows\\) needs at least`)),
      }),
    )
  })
})
