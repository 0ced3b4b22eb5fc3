/** Scores of a track against NumPy and SciPy; fixture by scripts/skill-scores.py. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Backtest, ForecastTrack, Scores } from '../../src/evaluation/backtest.ts'
import { crpsLosses, nllLosses, pitValues, scoreTrack } from '../../src/evaluation/scores.ts'

interface Fixture {
  track: { location: number[]; scale: number[]; degreesOfFreedom: number[] }
  outcome: number[]
  referenceClose: number[]
  varianceProxy: number[]
  naivePriceError: number[]
  crpsLosses: number[]
  nllLosses: number[]
  pit: number[]
  scores: Scores
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/skill-scores.json', import.meta.url), 'utf8'),
)

const track: ForecastTrack = {
  model: 'fixture',
  location: Float64Array.from(fixture.track.location),
  scale: Float64Array.from(fixture.track.scale),
  degreesOfFreedom: Float64Array.from(fixture.track.degreesOfFreedom),
}

const backtest: Backtest = {
  symbol: 'TEST',
  horizon: 1,
  folds: [{ trainFrom: 0, trainTo: 99, testFrom: 100, testTo: 159 }],
  date: Int32Array.from(fixture.outcome, (_, i) => 100 + i),
  fold: new Int32Array(fixture.outcome.length),
  referenceClose: Float64Array.from(fixture.referenceClose),
  outcome: Float64Array.from(fixture.outcome),
  varianceProxy: Float64Array.from(fixture.varianceProxy),
  naivePriceError: Float64Array.from(fixture.naivePriceError),
  tracks: [track],
}

function expectSame(actual: Float64Array, expected: readonly number[], digits: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits)
  })
}

test.each(Object.entries(fixture.scores))('%s agrees', (name, expected) => {
  const actual = scoreTrack(backtest, track)[name as keyof Scores]
  expect(Math.abs(actual - expected)).toBeLessThan(1e-11 * Math.max(1, Math.abs(expected)))
})

test('losses and probability integral transforms of every day agree', () => {
  expectSame(crpsLosses(backtest, track), fixture.crpsLosses, 12)
  expectSame(nllLosses(backtest, track), fixture.nllLosses, 12)
  expectSame(pitValues(backtest, track), fixture.pit, 12)
})
