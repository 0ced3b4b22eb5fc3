import { describe, expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { drawStudentT } from '../numerics/student-t.ts'
import type { Backtest, ForecastTrack } from './backtest.ts'
import { crpsLosses, intervalMisses, pitValues, scoreTrack } from './scores.ts'

function backtestOf(outcome: readonly number[], changes: Partial<Backtest> = {}): Backtest {
  const n = outcome.length
  return {
    symbol: 'TEST',
    horizon: 1,
    folds: [{ trainFrom: 0, trainTo: 9, testFrom: 10, testTo: 10 + n }],
    date: Int32Array.from(outcome, (_, i) => 10 + i),
    fold: new Int32Array(n),
    referenceClose: new Float64Array(n).fill(100),
    outcome: Float64Array.from(outcome),
    varianceProxy: new Float64Array(n).fill(1e-4),
    naivePriceError: new Float64Array(n).fill(1),
    tracks: [],
    ...changes,
  }
}

function trackOf(location: readonly number[], scale = 0.01, degreesOfFreedom = 5): ForecastTrack {
  return {
    model: 'test',
    location: Float64Array.from(location),
    scale: new Float64Array(location.length).fill(scale),
    degreesOfFreedom: new Float64Array(location.length).fill(degreesOfFreedom),
  }
}

describe('scoreTrack', () => {
  test('a zero location says up, and an unchanged close is a miss for everyone', () => {
    const backtest = backtestOf([0.01, -0.01, 0, 0])
    expect(scoreTrack(backtest, trackOf([0, 0, 1, -1])).directionalAccuracy).toBe(0.25)
    expect(scoreTrack(backtest, trackOf([0.1, -0.1, 0, 0])).directionalAccuracy).toBe(0.5)
  })

  test('a forecast of no change has an out-of-sample R² of zero', () => {
    expect(scoreTrack(backtestOf([0.02, -0.01]), trackOf([0, 0])).r2oos).toBe(0)
    expect(scoreTrack(backtestOf([0.02, -0.01]), trackOf([0.02, -0.01])).r2oos).toBe(1)
    expect(scoreTrack(backtestOf([0, 0]), trackOf([0, 0])).r2oos).toBeNaN()
  })

  test('price errors are of the median, in price units or as a fraction', () => {
    const scores = scoreTrack(backtestOf([Math.LN2, 0]), trackOf([0, 0]))
    expect(scores.mae).toBeCloseTo(50, 12)
    expect(scores.rmse).toBeCloseTo(Math.sqrt(5000), 11)
    expect(scores.mapeFraction).toBeCloseTo(0.25, 14)
    expect(scores.mase).toBeCloseTo(50, 12)
  })

  test('each day is scaled by the naive error of its own fold', () => {
    const naivePriceError = Float64Array.of(50, 100)
    const backtest = backtestOf([Math.LN2, Math.LN2], { naivePriceError })
    expect(scoreTrack(backtest, trackOf([0, 0])).mase).toBeCloseTo(1.5, 13)
  })

  test('QLIKE is zero for the right variance, infinite for none, blind to days without a proxy', () => {
    const right = trackOf([0, 0], Math.sqrt(1e-4 * (3 / 5)), 5)
    expect(scoreTrack(backtestOf([0.01, 0.02]), right).qlike).toBeCloseTo(0, 14)
    expect(scoreTrack(backtestOf([0.01, 0.02]), trackOf([0, 0], 0.01, 2)).qlike).toBe(Infinity)
    const gap = backtestOf([0.01, 0.02], { varianceProxy: Float64Array.of(0, 1e-4) })
    expect(scoreTrack(gap, right).qlike).toBeCloseTo(0, 14)
    const none = backtestOf([0.01], { varianceProxy: new Float64Array(1) })
    expect(scoreTrack(none, trackOf([0])).qlike).toBeNaN()
  })

  test('the true distribution is calibrated, and no other scores better', () => {
    const random = createRandom('calibration')
    const outcome = Array.from({ length: 5000 }, () => 0.01 * drawStudentT(random, 5))
    const backtest = backtestOf(outcome)
    const truth = trackOf(outcome.map(() => 0))
    const scores = scoreTrack(backtest, truth)
    // Four standard errors of a share over 5000 days.
    expect(Math.abs(scores.coverage80 - 0.8)).toBeLessThan(0.023)
    expect(Math.abs(scores.coverage95 - 0.95)).toBeLessThan(0.0125)
    for (const other of [
      trackOf(
        outcome.map(() => 0),
        0.008,
      ),
      trackOf(
        outcome.map(() => 0),
        0.0125,
      ),
      trackOf(outcome.map(() => 0.004)),
    ]) {
      expect(scoreTrack(backtest, other).crps).toBeGreaterThan(scores.crps)
      expect(scoreTrack(backtest, other).nll).toBeGreaterThan(scores.nll)
    }
  })

  test('refuses an empty backtest and a track of other days', () => {
    expect(() => scoreTrack(backtestOf([]), trackOf([]))).toThrow(/no test days/)
    expect(() => crpsLosses(backtestOf([0.1]), trackOf([0, 0]))).toThrow(/2 rows/)
  })
})

test('the median outcome has a transform of one half and misses no interval', () => {
  const pit = pitValues(backtestOf([0.01, 0.9]), trackOf([0.01, 0.01]))
  expect(pit[0]).toBe(0.5)
  expect([...intervalMisses(pit, 0.95)]).toEqual([0, 1])
})
