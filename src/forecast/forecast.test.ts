import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { exp, log } from '../numerics/elementary.ts'
import {
  createForecast,
  type Forecast,
  priceInterval,
  priceQuantile,
  probabilityOfRise,
  returnProbability,
  returnQuantile,
} from './forecast.ts'

function forecastOf(location: number, scale: number, degreesOfFreedom: number): Forecast {
  return {
    symbol: 'AAPL',
    asOf: 15_765,
    horizon: 1,
    distribution: { location, scale, degreesOfFreedom },
    referenceClose: 430.47,
  }
}

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const anyForecast = fc
  .tuple(real(-0.2, 0.2), real(1e-4, 0.3), real(1.5, 300))
  .map((distribution) => forecastOf(...distribution))
const share = real(0.001, 0.999)

describe('for any Student-t', () => {
  test('quantile and probability undo each other', () => {
    fc.assert(
      fc.property(anyForecast, share, (forecast, p) => {
        expect(returnProbability(forecast, returnQuantile(forecast, p))).toBeCloseTo(p, 9)
      }),
    )
  })

  test('quantiles grow with the probability, around the location', () => {
    fc.assert(
      fc.property(anyForecast, share, share, (forecast, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        fc.pre(high - low > 1e-6)
        expect(returnQuantile(forecast, low)).toBeLessThan(returnQuantile(forecast, high))
        const { location, scale } = forecast.distribution
        const mirrored = returnQuantile(forecast, low) + returnQuantile(forecast, 1 - low)
        expect(Math.abs(mirrored - 2 * location)).toBeLessThan(1e-9 * Math.max(scale, 1))
      }),
    )
  })

  test('a price interval holds its level of outcomes, and every narrower one', () => {
    fc.assert(
      fc.property(anyForecast, real(0.01, 0.989), (forecast, level) => {
        const [low, high] = priceInterval(forecast, level)
        const [wideLow, wideHigh] = priceInterval(forecast, level + 0.01)
        const inside = (price: number) =>
          returnProbability(forecast, log(price / forecast.referenceClose))
        expect(inside(high) - inside(low)).toBeCloseTo(level, 8)
        expect(wideLow).toBeLessThan(low)
        expect(wideHigh).toBeGreaterThan(high)
      }),
    )
  })

  test('the probability of a rise is what lies above no change', () => {
    fc.assert(
      fc.property(anyForecast, (forecast) => {
        const p = probabilityOfRise(forecast)
        expect(p + returnProbability(forecast, 0)).toBeCloseTo(1, 12)
        expect((p - 0.5) * forecast.distribution.location).toBeGreaterThanOrEqual(0)
        const above = priceQuantile(forecast, Math.min(0.999, Math.max(0.001, 1 - p)))
        if (p > 0.001 && p < 0.999) expect(above).toBeCloseTo(forecast.referenceClose, 4)
      }),
    )
  })
})

describe('prices', () => {
  test('are the reference close, carried by the log return', () => {
    const forecast = forecastOf(0.01, 0.02, 5)
    for (const p of [0.025, 0.1, 0.5, 0.9, 0.975]) {
      expect(priceQuantile(forecast, p)).toBe(430.47 * exp(returnQuantile(forecast, p)))
    }
    expect(priceQuantile(forecast, 0.5)).toBeCloseTo(434.7963, 3)
    expect(priceInterval(forecast, 0.8)).toEqual([
      priceQuantile(forecast, (1 - 0.8) / 2),
      priceQuantile(forecast, 1 - (1 - 0.8) / 2),
    ])
  })

  test('double with the reference close', () => {
    const forecast = forecastOf(0.01, 0.02, 5)
    const doubled = { ...forecast, referenceClose: 2 * forecast.referenceClose }
    expect(priceInterval(doubled, 0.95)).toEqual(priceInterval(forecast, 0.95).map((p) => 2 * p))
  })

  test('of a Student-t with 5 degrees of freedom are those of the tables', () => {
    const [low, high] = priceInterval(forecastOf(0, 0.02, 5), 0.95)
    expect(log(high / 430.47) / 0.02).toBeCloseTo(2.5706, 4)
    expect(log(low / 430.47) / 0.02).toBeCloseTo(-2.5706, 4)
  })

  test('of a nearly normal forecast are those of the normal distribution', () => {
    const [, high] = priceInterval(forecastOf(0, 0.02, 1e7), 0.95)
    expect(log(high / 430.47) / 0.02).toBeCloseTo(1.95996, 4)
  })
})

test('without drift a rise is as likely as not', () => {
  expect(probabilityOfRise(forecastOf(0, 0.02, 4))).toBe(0.5)
})

describe('createForecast', () => {
  const bars = simulateBars({ sessions: 10, seed: 'forecast' })
  const frame = buildFeatureFrame(bars)
  const { distribution } = forecastOf(0, 0.02, 4)

  test('is dated and priced by its row', () => {
    expect(createForecast({ frame, at: 9, horizon: 5, distribution })).toEqual({
      symbol: 'SIM',
      asOf: bars.date[9],
      horizon: 5,
      distribution,
      referenceClose: bars.close[9],
    })
  })

  test.each([-1, 10, 0.5])('refuses row %f, which is not there', (at) => {
    expect(() => createForecast({ frame, at, horizon: 1, distribution })).toThrow(/0…9/)
  })
})
