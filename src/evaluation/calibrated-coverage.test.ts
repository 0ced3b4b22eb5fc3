import { expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { calibratedCoverage, meanCoverage } from './calibrated-coverage.ts'

const DAYS = 1500
const random = createRandom('coverage')
const right = Float64Array.from({ length: DAYS }, () => random.uniform())
const wide = right.map((pit) => 0.5 + (pit - 0.5) * 0.8)
const days = {
  fold: Int32Array.from(right, (_, day) => Math.floor(day / 250)),
  horizon: 1,
}
const coverage = calibratedCoverage(days, { right, wide })

test('intervals that are too wide are said to be, and hold what they promise once calibrated', () => {
  expect(coverage.wide?.uncalibrated.coverage80).toBe(1)
  expect(Math.abs((coverage.wide?.adaptiveConformal.coverage80 ?? 0) - 0.8)).toBeLessThan(0.015)
  expect(coverage.wide?.splitConformal.coverage80).toBeLessThan(0.9)
})

test('forecasts that are right stay right', () => {
  for (const kind of ['uncalibrated', 'splitConformal', 'adaptiveConformal'] as const) {
    expect(Math.abs((coverage.right?.[kind].coverage80 ?? 0) - 0.8)).toBeLessThan(0.04)
    expect(Math.abs((coverage.right?.[kind].coverage95 ?? 0) - 0.95)).toBeLessThan(0.02)
  }
})

test('several symbols are averaged', () => {
  const other = calibratedCoverage(days, { right: wide, wide: right })
  const mean = meanCoverage([coverage, other])
  const [one, two] = [coverage.wide?.uncalibrated, coverage.right?.uncalibrated]
  const expected = ((one?.coverage80 ?? 0) + (two?.coverage80 ?? 0)) / 2
  expect(mean.wide?.uncalibrated.coverage80).toBeCloseTo(expected, 12)
})
