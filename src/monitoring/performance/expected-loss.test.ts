import { expect, test } from 'vitest'
import { crpsOf } from '../../evaluation/day-scores.ts'
import { studentTQuantile } from '../../numerics/student-t.ts'
import { expectedCrps } from './expected-loss.ts'

test.each([3, 5, 30, Infinity])('is the mean CRPS over the forecast itself, %d degrees', (df) => {
  const forecast = { location: 0.001, scale: 0.02, degreesOfFreedom: df }
  const draws = 20_000
  let sum = 0
  for (let i = 0; i < draws; i++) {
    const outcome = 0.001 + 0.02 * studentTQuantile((i + 0.5) / draws, df)
    sum += crpsOf(forecast, outcome)
  }
  expect(expectedCrps(forecast) / (sum / draws)).toBeCloseTo(1, 2)
})

test('of the normal distribution is its scale over the root of pi', () => {
  const normal = { location: 0, scale: 1, degreesOfFreedom: Infinity }
  expect(expectedCrps(normal)).toBeCloseTo(1 / Math.sqrt(Math.PI), 12)
})
