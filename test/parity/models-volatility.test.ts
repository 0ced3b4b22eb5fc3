/** EWMA and HAR against NumPy, statsmodels and SciPy; fixture by scripts/models-volatility.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { frameColumn } from '../../src/features/feature-frame.ts'
import { lowerBound } from '../../src/features/windows.ts'
import type { Forecaster } from '../../src/forecast/forecaster.ts'
import { ewma } from '../../src/forecast/models/ewma.ts'
import { har } from '../../src/forecast/models/har.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { createRandom } from '../../src/numerics/random.ts'

interface TailFit {
  readonly horizon: number
  readonly scale: number
  readonly degreesOfFreedom: number
}

interface HarFit extends TailFit {
  readonly coefficients: readonly number[]
}

interface Fixture {
  readonly trainedTo: string
  readonly volatility: readonly { readonly day: string; readonly value: number }[]
  readonly inputs: readonly { readonly day: string; readonly values: readonly number[] }[]
  readonly ewma: readonly TailFit[]
  readonly har: readonly HarFit[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/models-volatility.json', import.meta.url), 'utf8'),
)
const frame = buildFeatureFrame(await readSampleBars('AAPL'))
const dayOf = (text: string) => parseIsoDate(text) ?? Number.NaN
const at = (name: string, day: string) =>
  frameColumn(frame, name)[lowerBound(frame.date, dayOf(day))] ?? Number.NaN

function stateOf(model: Forecaster, horizon: number): unknown {
  const span = { from: frame.date[0] ?? 0, to: dayOf(fixture.trainedTo) }
  const request = { frames: [frame], symbol: 'AAPL', span, horizon, random: createRandom(1) }
  return model.fit(request).serialise().state
}

function expectClose(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)))
}

test.each(fixture.volatility)('the trailing volatility on $day agrees', ({ day, value }) => {
  expect(Math.abs(at('ewmaVolatility', day) / value - 1)).toBeLessThan(1e-12)
})

test.each(fixture.inputs)('the inputs of the HAR regression on $day agree', ({ day, values }) => {
  const names = ['logRangeVariance1', 'logRangeVariance5', 'logRangeVariance22', 'leverage']
  names.forEach((name, i) => {
    expectClose(at(name, day), values[i] ?? Number.NaN, 1e-11)
  })
})

describe.each(fixture.ewma)('EWMA over $horizon session(s)', (expected) => {
  test('has the scale and tail of highest likelihood', () => {
    const state = stateOf(ewma, expected.horizon) as TailFit
    expectClose(state.scale, expected.scale, 1e-6)
    expectClose(state.degreesOfFreedom, expected.degreesOfFreedom, 1e-5)
  })
})

describe.each(fixture.har)('HAR over $horizon session(s)', (expected) => {
  const state = stateOf(har, expected.horizon) as HarFit

  test('has the coefficients of least squares', () => {
    expect(state.coefficients).toHaveLength(expected.coefficients.length)
    expected.coefficients.forEach((coefficient, i) => {
      expectClose(state.coefficients[i] ?? Number.NaN, coefficient, 1e-10)
    })
  })

  test('has the scale and tail of highest likelihood', () => {
    expectClose(state.scale, expected.scale, 1e-6)
    expectClose(state.degreesOfFreedom, expected.degreesOfFreedom, 1e-5)
  })
})
