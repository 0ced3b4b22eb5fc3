/** Whatever the future holds, and however long the past is, what is known at `t` stays the same. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateBars, withAnotherFuture, withPricesTimes } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { Bars } from '../market/bars.ts'
import { sliceBars } from '../market/create-bars.ts'
import { createRandom } from '../numerics/random.ts'
import type { Forecast } from './forecast.ts'
import type { FittedForecaster } from './forecaster.ts'
import { createForecaster, MODEL_NAMES } from './model-catalogue.ts'

const SESSIONS = 1000
const HAS_NETWORKS = ['lstm', 'combination']
const SMALL_LSTM = {
  windowLength: 5,
  hiddenSizes: [4],
  epochs: 1,
  seeds: 1,
  validationSessions: 80,
}

const bars = simulateBars({ sessions: SESSIONS, seed: 'no look-ahead' })
const frame = buildFeatureFrame(bars)
const row = (from: number, to: number) => fc.integer({ min: from, max: to })
const seed = fc.integer()

/** Other prices and volumes after row `t`, and another number of sessions. */
function anotherFuture(t: number, sessionsAfter: number, redraw: number): Bars {
  const end = Math.min(SESSIONS, t + 1 + sessionsAfter)
  return withAnotherFuture(sliceBars(bars, 0, end), t, redraw)
}

function fit(name: string, on: FeatureFrame, rows: { from: number; to: number }): FittedForecaster {
  const dates = frame.date
  return createForecaster(
    HAS_NETWORKS.includes(name) ? { name, options: SMALL_LSTM } : { name },
  ).fit({
    frames: [on],
    symbol: on.symbol,
    span: { from: dates[rows.from] as number, to: dates[rows.to] as number },
    horizon: 1,
    random: createRandom(3),
  })
}

describe('the features', () => {
  const names = FEATURES.map((feature) => feature.name)

  test('at every row up to t keep their bits when all that follows t is redrawn', () => {
    fc.assert(
      fc.property(row(0, SESSIONS - 2), row(1, SESSIONS), seed, (t, after, redraw) => {
        const other = buildFeatureFrame(anotherFuture(t, after, redraw))
        for (const name of names) {
          const known = frameColumn(frame, name).subarray(0, t + 1)
          expect(bitsOf(frameColumn(other, name).subarray(0, t + 1)), name).toEqual(bitsOf(known))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('read no bar older than their lookback', () => {
    const feature = fc.constantFrom(...FEATURES)
    fc.assert(
      fc.property(feature, row(250, SESSIONS - 1), row(0, 300), (one, t, spare) => {
        const from = Math.max(0, t - one.lookback + 1 - spare)
        const cut = buildFeatureFrame(sliceBars(bars, from, t + 1), [one])
        const value = frameColumn(cut, one.name)[t - from]
        expect(Object.is(value, frameColumn(frame, one.name)[t])).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('keep their bits when prices are multiplied by a power of two', () => {
    fc.assert(
      fc.property(row(-6, 6), (power) => {
        const scaled = buildFeatureFrame(withPricesTimes(bars, powerOfTwo(power)))
        for (const name of names) {
          expect(bitsOf(frameColumn(scaled, name)), name).toEqual(bitsOf(frameColumn(frame, name)))
        }
      }),
      { numRuns: 13 },
    )
  })

  test('move by no more than 1e-12 when prices are multiplied by any split factor', () => {
    fc.assert(
      fc.property(splitFactor(), (factor) => {
        const scaled = buildFeatureFrame(withPricesTimes(bars, factor))
        for (const name of names) {
          const moved = largestMove(frameColumn(scaled, name), frameColumn(frame, name))
          expect(moved, name).toBeLessThan(1e-12)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe.each([...MODEL_NAMES])('the %s forecaster', (name) => {
  const trained = { from: 0, to: 799 }
  const fitted = fit(name, frame, trained)
  const tolerance = HAS_NETWORKS.includes(name) ? 1e-6 : 1e-12

  test('forecasts at t with the same bits when all that follows t is redrawn', () => {
    fc.assert(
      fc.property(row(520, SESSIONS - 2), row(1, 300), seed, (t, after, redraw) => {
        const other = buildFeatureFrame(anotherFuture(t, after, redraw))
        expect(fitted.forecast(other, t)).toStrictEqual(fitted.forecast(frame, t))
      }),
      { numRuns: 25 },
    )
  })

  test('is fitted with the same bits when all that follows its span is redrawn', () => {
    fc.assert(
      fc.property(row(700, 950), row(1, 300), seed, (end, after, redraw) => {
        const other = buildFeatureFrame(anotherFuture(end, after, redraw))
        const rows = { from: 0, to: end }
        expect(fit(name, other, rows).serialise()).toStrictEqual(fit(name, frame, rows).serialise())
      }),
      { numRuns: 3 },
    )
  })

  test('forecasts with the same bits when history beyond its lookback is cut off', () => {
    fc.assert(
      fc.property(row(fitted.lookback - 1, SESSIONS - 1), row(0, 400), (t, spare) => {
        const from = Math.max(0, t - fitted.lookback + 1 - spare)
        const cut = buildFeatureFrame(sliceBars(bars, from, t + 1))
        expect(fitted.forecast(cut, t - from)).toStrictEqual(fitted.forecast(frame, t))
      }),
      { numRuns: 25 },
    )
  })

  test('is fitted with the same bits when history beyond its lookback before the span is cut', () => {
    const rows = { from: 530, to: SESSIONS - 1 }
    const cut = buildFeatureFrame(sliceBars(bars, rows.from - fitted.lookback + 1, SESSIONS))
    const whole = fit(name, frame, rows).serialise()
    expect(fit(name, cut, rows).serialise()).toStrictEqual(whole)
  })

  test('forecasts alike, split or not', () => {
    fc.assert(
      fc.property(splitFactor(), row(520, SESSIONS - 1), (factor, t) => {
        const scaled = buildFeatureFrame(withPricesTimes(bars, factor))
        const [after, before] = [fitted.forecast(scaled, t), fitted.forecast(frame, t)]
        expect(moveOf(after as Forecast, before as Forecast)).toBeLessThan(tolerance)
      }),
      { numRuns: 15 },
    )
  })

  test('is refitted with the same bits after a split by a power of two', () => {
    fc.assert(
      fc.property(row(-4, 4), (power) => {
        const scaled = buildFeatureFrame(withPricesTimes(bars, powerOfTwo(power)))
        expect(fit(name, scaled, trained).serialise()).toStrictEqual(fitted.serialise())
      }),
      { numRuns: 3 },
    )
  })
})

/** 2:1, 3:2, 7:1, and backwards, 1:10. */
function splitFactor() {
  const shares = fc.integer({ min: 1, max: 30 })
  return fc.tuple(shares, shares).map(([now, before]) => now / before)
}

function powerOfTwo(power: number): number {
  return power < 0 ? 1 / powerOfTwo(-power) : 1 << power
}

/** The IEEE bits of a column, so that 0 and -0 differ and NaN equals itself. */
function bitsOf(column: Float64Array): BigUint64Array {
  return new BigUint64Array(Float64Array.from(column).buffer)
}

function largestMove(actual: Float64Array, expected: Float64Array): number {
  return actual.reduce((largest, value, t) => {
    const move = Math.abs(value - (expected[t] as number)) / Math.max(1, Math.abs(value))
    return Number.isNaN(move) ? largest : Math.max(largest, move)
  }, 0)
}

/** Of location, in units of scale, and of scale and degrees of freedom, relative. */
function moveOf(actual: Forecast, expected: Forecast): number {
  const [a, e] = [actual.distribution, expected.distribution]
  return Math.max(
    Math.abs(a.location - e.location) / e.scale,
    Math.abs(a.scale / e.scale - 1),
    Math.abs(a.degreesOfFreedom / e.degreesOfFreedom - 1),
  )
}
