import { describe, expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { drawStudentT } from '../numerics/student-t.ts'
import type { Backtest, ForecastTrack } from './backtest.ts'
import { judge, testsAgainst } from './judgement.ts'
import { crpsLosses, pitValues, scoreTrack } from './scores.ts'
import { dieboldMariano } from './skill/diebold-mariano.ts'

const DAYS = 800

/** Volatility that alternates between two levels, known to some models only. */
const volatility = Float64Array.from({ length: DAYS }, (_, i) => (i % 40 < 20 ? 0.01 : 0.03))

function track(model: string, scaleAt: (row: number) => number, location = 0): ForecastTrack {
  return {
    model,
    location: new Float64Array(DAYS).fill(location),
    scale: Float64Array.from(volatility, (_, row) => scaleAt(row)),
    degreesOfFreedom: new Float64Array(DAYS).fill(6),
  }
}

function backtestOf(tracks: readonly ForecastTrack[], horizon = 1): Backtest {
  const random = createRandom('judgement')
  return {
    symbol: 'HAND',
    horizon,
    folds: [{ trainFrom: 0, trainTo: 99, testFrom: 100, testTo: 100 + DAYS }],
    date: Int32Array.from({ length: DAYS }, (_, i) => 100 + i),
    fold: new Int32Array(DAYS),
    referenceClose: new Float64Array(DAYS).fill(20),
    outcome: volatility.map((scale) => scale * drawStudentT(random, 6)),
    varianceProxy: volatility.map((scale) => 1.5 * scale * scale),
    naivePriceError: new Float64Array(DAYS).fill(0.3),
    tracks,
  }
}

const naive = track('naive', () => 0.02)
const ewma = track('ewma', (row) => (volatility[row] as number) * 1.1)
const har = track('har', (row) => volatility[row] as number)
const wild = track('lstm', () => 0.05, 0.01)

describe('judge', () => {
  const backtest = backtestOf([naive, ewma, har, wild])
  const judgement = judge(backtest)

  test('gives every model its scores, daily losses and transforms', () => {
    for (const one of backtest.tracks) {
      expect(judgement.scores[one.model]).toEqual(scoreTrack(backtest, one))
      expect(judgement.losses[one.model]).toEqual(crpsLosses(backtest, one))
      expect(judgement.pit[one.model]).toEqual(pitValues(backtest, one))
    }
    expect(Object.keys(judgement.scores)).toEqual(['naive', 'ewma', 'har', 'lstm'])
  })

  test('tests no model against itself', () => {
    const none = { t: null, p: null }
    expect(judgement.tests.naive?.dmVsNaive).toEqual(none)
    expect(judgement.tests.ewma?.dmVsEwma).toEqual(none)
    expect(judgement.tests.har?.dmVsHar).toEqual(none)
  })

  test('has a negative t for the better model, a positive one the other way round', () => {
    const better = judgement.tests.har?.dmVsNaive
    const worse = judgement.tests.naive?.dmVsHar
    expect(better?.t).toBeLessThan(-3)
    expect(better?.p).toBeLessThan(0.002)
    expect(worse?.t).toBeCloseTo(-(better?.t ?? Number.NaN), 10)
    expect(judgement.tests.lstm?.dmVsEwma.t).toBeGreaterThan(3)
    expect(judgement.tests.lstm?.dmVsEwma.p).toBeGreaterThan(0.99)
  })

  test('counts the right distribution as calibrated, the too wide one as not', () => {
    expect(judgement.scores.har?.coverage80).toBeCloseTo(0.8, 1)
    expect(judgement.scores.har?.coverage95).toBeCloseTo(0.95, 1)
    expect(judgement.scores.lstm?.coverage80).toBeGreaterThan(0.93)
  })
})

describe('testsAgainst', () => {
  const losses = judge(backtestOf([naive, har])).losses

  test('leaves tests against benchmarks that are not there undefined', () => {
    const none = { t: null, p: null }
    expect(testsAgainst(losses, 1).har).toMatchObject({ dmVsEwma: none, dmVsHar: none })
  })

  test('leaves the test against a twin with the same losses undefined', () => {
    const twins = { naive: losses.naive as Float64Array, champion: losses.naive as Float64Array }
    expect(testsAgainst(twins, 1).champion?.dmVsNaive).toEqual({ t: null, p: null })
  })

  test.each([1, 20])('widens the window of the variance with the horizon (%i)', (horizon) => {
    const expected = dieboldMariano(losses.har as Float64Array, losses.naive as Float64Array, {
      horizon,
    })
    expect(testsAgainst(losses, horizon).har?.dmVsNaive).toEqual(expected)
    expect(judge(backtestOf([naive, har], horizon)).tests.har?.dmVsNaive).toEqual(expected)
  })
})
