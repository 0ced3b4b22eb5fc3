/** What reads more than it declares is found; honest features and models pass. */
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { FittedForecaster } from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'
import { findForecastFaults, findTruncationFaults } from './truncated-histories.ts'

const bars = simulateBars({ sessions: 900, seed: 'truncated' })
const ROWS = [700, 801, 899]

function feature(lookback: number, back: number): Feature {
  return {
    name: 'echo',
    lookback,
    description: 'A return of some sessions ago.',
    compute: (base) => base.logReturn.map((_, t) => base.logReturn[t - back] ?? 0),
  }
}

describe('findTruncationFaults', () => {
  test('passes every feature of the program', () => {
    expect(findTruncationFaults(bars, FEATURES, ROWS)).toEqual([])
  })

  test.each([
    ['further back than it declares', feature(3, 5)],
    ['beyond its day', feature(3, -1)],
  ])('finds a feature that reads %s', (_, faulty) => {
    const [finding, ...others] = findTruncationFaults(bars, [...FEATURES, faulty], ROWS)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      subject: 'echo',
      message: expect.stringContaining('the 3 bars up to that day'),
    })
  })

  test('passes a feature that declares all that it reads', () => {
    expect(findTruncationFaults(bars, [feature(7, 5)], ROWS)).toEqual([])
  })

  test('leaves out rows before the lookback is filled', () => {
    expect(findTruncationFaults(bars, FEATURES, [0, 10])).toEqual([])
  })
})

describe('findForecastFaults', () => {
  const frames = [buildFeatureFrame(bars)]
  const span = { from: bars.date[0] ?? 0, to: bars.date[600] ?? 0 }
  const fit = (name: string) =>
    createForecaster({ name }).fit({
      ...{ frames, symbol: bars.symbol, span, horizon: 1 },
      random: createRandom(1),
    })
  const faultsOf = (fitted: FittedForecaster) =>
    findForecastFaults(fitted, bars, { features: FEATURES, rows: ROWS })

  test.each(['naive', 'drift', 'ewma', 'garch', 'har'])('passes %s', (name) => {
    expect(faultsOf(fit(name))).toEqual([])
  })

  test('finds a model whose forecast depends on how long the history is', () => {
    const honest = fit('har')
    const counting: FittedForecaster = {
      ...honest,
      model: 'counting',
      forecast(frame, at) {
        const forecast = honest.forecast(frame, at)
        return forecast && { ...forecast, referenceClose: forecast.referenceClose + at }
      },
    }
    expect(faultsOf(counting)).toMatchObject([{ subject: 'counting' }])
  })
})
