import { expect, test } from 'vitest'
import type { Backtest } from '../backtest.ts'
import { cumulativeSkill } from './chart-skill.ts'
import { dayAheadForecasts } from './day-ahead.ts'
import { forestCell, forestReach, skillDifference } from './skill-forest.ts'

test('cumulative skill rises by what the model saves, in basis points', () => {
  const naive = Float64Array.of(0.012, 0.01, 0.02)
  const model = Float64Array.of(0.011, 0.012, 0.015)
  const skill = cumulativeSkill(naive, model)
  expect(skill[0]).toBeCloseTo(10, 9)
  expect(skill[1]).toBeCloseTo(-10, 9)
  expect(skill[2]).toBeCloseTo(40, 9)
})

test('a difference is relative, and its margin follows from t', () => {
  const difference = skillDifference(0.0123, 0.0125, -2)
  expect(difference.percent).toBeCloseTo(-1.6, 9)
  expect(difference.margin).toBeCloseTo((1.959964 * 1.6) / 2, 5)
  expect(skillDifference(0.0123, 0.0125, null).margin).toBeUndefined()
})

test('the scale of the differences fits them all, and ignores what is not a number', () => {
  const reach = forestReach([
    { percent: -3, margin: 1 },
    { percent: 2, margin: undefined },
    { percent: Number.NaN, margin: undefined },
  ])
  expect(reach).toBeCloseTo(4.2, 9)
  expect(forestCell({ percent: Number.NaN, margin: undefined }, reach, 'none').markup).toBe('')
})

test('price intervals of the latest forecasts hold what their probability says', () => {
  const backtest: Backtest = {
    symbol: 'AAPL',
    horizon: 1,
    folds: [],
    date: Int32Array.of(1, 2, 3, 4),
    fold: Int32Array.of(0, 0, 0, 0),
    referenceClose: Float64Array.of(1, 100, 100, 100),
    outcome: Float64Array.of(0, 0.005, -0.015, 0.03),
    varianceProxy: new Float64Array(4),
    naivePriceError: new Float64Array(4),
    tracks: [],
  }
  const track = {
    model: 'naive',
    location: new Float64Array(4),
    scale: new Float64Array(4).fill(0.01),
    degreesOfFreedom: new Float64Array(4).fill(1e9),
  }
  const forecasts = dayAheadForecasts(backtest, track, 3)
  expect(forecasts.map(({ asOf }) => asOf)).toEqual([2, 3, 4])
  expect(forecasts.map(({ fall }) => fall)).toEqual(['inside80', 'inside95', 'outside'])
  expect(forecasts[0]?.interval80[1]).toBeCloseTo(101.2898, 3)
  expect(forecasts[0]?.interval95[0]).toBeCloseTo(98.0591, 3)
  expect(forecasts[0]?.realised).toBeCloseTo(100.5013, 3)
})
