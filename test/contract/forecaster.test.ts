/** One suite over every model: causality, exactness, reproducibility, round trip. */
import { describe, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import type { FeatureFrame } from '../../src/features/feature-frame.ts'
import { FEATURES } from '../../src/features/feature-set.ts'
import type { Forecast } from '../../src/forecast/forecast.ts'
import type {
  FitRequest,
  FittedForecaster,
  Forecaster,
  ForecasterSpec,
} from '../../src/forecast/forecaster.ts'
import {
  createForecaster,
  MODEL_NAMES,
  restoreForecaster,
} from '../../src/forecast/model-catalogue.ts'
import { sliceBars } from '../../src/market/create-bars.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { simulateBars, withAnotherFuture, withPricesTimes } from '../simulated-bars.ts'

const SMALL_LSTM = { windowLength: 8, hiddenSizes: [6], epochs: 3, seeds: 2 }
const SPAN_END = 1099
const bars = simulateBars({ sessions: 1300, seed: 'contract' })
const frame = buildFeatureFrame(bars)

function specOf(name: string): ForecasterSpec {
  return isClosedForm(name) ? { name } : { name, options: SMALL_LSTM }
}

interface FitOptions {
  readonly horizon?: number
  readonly seed?: number
}

function fit(name: string, on: FeatureFrame, options: FitOptions = {}): FittedForecaster {
  const { horizon = 1, seed = 1 } = options
  return createForecaster(specOf(name)).fit({ ...requestFor(seed, on), horizon })
}

function requestFor(seed: number, on: FeatureFrame = frame): FitRequest {
  return {
    frames: [on],
    symbol: on.symbol,
    span: { from: on.date[0] as number, to: on.date[SPAN_END] as number },
    horizon: 1,
    random: createRandom(seed),
  }
}

const isClosedForm = (name: string) => name !== 'lstm' && name !== 'combination'

describe.each([...MODEL_NAMES])('the %s forecaster', (name) => {
  const fitted = fit(name, frame)

  test('gives a finite distribution around the reference close', () => {
    const forecast = fitted.forecast(frame, 1200) as Forecast
    const { location, scale, degreesOfFreedom } = forecast.distribution
    expect(Math.abs(location)).toBeLessThan(0.05)
    expect(scale).toBeGreaterThan(0.002)
    expect(scale).toBeLessThan(0.2)
    expect(degreesOfFreedom).toBeGreaterThan(1)
    expect(forecast.referenceClose).toBe(bars.close[1200])
    expect(forecast.asOf).toBe(bars.date[1200])
  })

  test('is fitted the same when everything after the training span is different', () => {
    const other = buildFeatureFrame(withAnotherFuture(bars, SPAN_END, 'fit'))
    expect(fit(name, other).serialise()).toEqual(fitted.serialise())
  })

  test.each([1100, 1177, 1298])('forecasts at row %i without reading a later bar', (row) => {
    const other = buildFeatureFrame(withAnotherFuture(bars, row, row))
    expect(fitted.forecast(other, row)).toEqual(fitted.forecast(frame, row))
  })

  test('forecasts the same bits from exactly its lookback of bars', () => {
    const row = 1250
    const cut = buildFeatureFrame(sliceBars(bars, row - fitted.lookback + 1, row + 1))
    expect(fitted.forecast(cut, fitted.lookback - 1)).toEqual(fitted.forecast(frame, row))
  })

  test('forecasts the same bits from the last rows of a frame alone', () => {
    const row = 1250
    const cut = sliceBars(bars, row - fitted.lookback + 1, row + 1)
    const last = buildFeatureFrame(cut, FEATURES, fitted.frameRows)
    expect(fitted.forecast(last, last.date.length - 1)).toEqual(fitted.forecast(frame, row))
  })

  test('gives no forecast while its lookback is not filled', () => {
    const short = fitted.lookback - 2
    if (short >= 0) expect(fitted.forecast(frame, short)).toBeUndefined()
  })

  test('forecasts alike when all prices are multiplied by 7', () => {
    const scaled = fitted.forecast(buildFeatureFrame(withPricesTimes(bars, 7)), 1200) as Forecast
    const plain = fitted.forecast(frame, 1200) as Forecast
    const tolerance = isClosedForm(name) ? 1e-12 : 1e-6
    const relative = Math.abs(scaled.distribution.scale / plain.distribution.scale - 1)
    expect(relative).toBeLessThan(tolerance)
    expect(Math.abs(scaled.distribution.location - plain.distribution.location)).toBeLessThan(
      tolerance * plain.distribution.scale,
    )
  })

  test('is refitted bit for bit the same when all prices are multiplied by 4', () => {
    const scaled = buildFeatureFrame(withPricesTimes(bars, 4))
    expect(fit(name, scaled).serialise()).toEqual(fitted.serialise())
  })

  test('is the same bits again with the same seed', () => {
    expect(fit(name, frame).serialise()).toEqual(fitted.serialise())
  })

  test('survives the way through JSON bit for bit', () => {
    const restored = restoreForecaster(JSON.parse(JSON.stringify(fitted.serialise())))
    expect(restored.forecast(frame, 1200)).toEqual(fitted.forecast(frame, 1200))
    expect(restored.lookback).toBe(fitted.lookback)
  })

  test('refuses a saved state that is damaged, and says where', () => {
    const saved = { ...fitted.serialise(), state: { scale: -1 } }
    expect(() => restoreForecaster(saved)).toThrow(/damaged or foreign/)
  })

  test('spreads wider over 5 sessions than over 1', () => {
    const week = fit(name, frame, { horizon: 5 }).forecast(frame, 1200) as Forecast
    const day = fitted.forecast(frame, 1200) as Forecast
    expect(week.horizon).toBe(5)
    expect(week.distribution.scale).toBeGreaterThan(1.5 * day.distribution.scale)
    expect(week.distribution.scale).toBeLessThan(3.5 * day.distribution.scale)
  })

  test('says how many sessions it needs when there are too few', () => {
    const short = buildFeatureFrame(sliceBars(bars, 0, 40))
    const request = {
      frames: [short],
      symbol: 'SIM',
      span: { from: short.date[0] as number, to: short.date[39] as number },
      horizon: 1,
      random: createRandom(1),
    }
    expect(() => createForecaster(specOf(name)).fit(request)).toThrow(/needs at least \d+/)
  })
})

test('another seed gives another LSTM', () => {
  expect(fit('lstm', frame, { seed: 2 }).serialise()).not.toEqual(fit('lstm', frame).serialise())
})

test('an unknown model is refused with the known ones', () => {
  expect(() => createForecaster({ name: 'oracle' })).toThrow(/Known models: naive, drift, ewma/)
})

test('an LSTM large enough for several threads is the same bits on them', async () => {
  const options = { ...SMALL_LSTM, hiddenSizes: [64], batchSize: 256, windowLength: 20, epochs: 40 }
  const large = createForecaster({ name: 'lstm', options: { ...options, seeds: 1, patience: 2 } })
  expect(await fitInParts(large, 4)).toEqual(large.fit(requestFor(1)).serialise())
})

test.each(['lstm', 'combination'])(
  'the parts of %s are the same bits as the whole',
  async (name) => {
    const forecaster = createForecaster(specOf(name))
    expect(await fitInParts(forecaster, 1)).toEqual(forecaster.fit(requestFor(1)).serialise())
  },
)

/** Fits every part by itself, the last one first. */
async function fitInParts({ parts }: Forecaster, cores: number) {
  const fitted: unknown[] = []
  for (let part = (parts?.count ?? 0) - 1; part >= 0; part--) {
    fitted.unshift(structuredClone(await parts?.fit(requestFor(1), part, cores)))
  }
  return parts?.assemble(requestFor(1), fitted).serialise()
}
