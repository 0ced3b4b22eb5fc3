import { expect, test } from 'vitest'
import { chiSquaredCdf, chiSquaredSurvival } from './chi-squared.ts'

test('chi-squared has its critical values and ends', () => {
  expect(chiSquaredSurvival(3.841458820694124, 1)).toBeCloseTo(0.05, 13)
  expect(chiSquaredSurvival(5.991464547107979, 2)).toBeCloseTo(0.05, 13)
  expect(chiSquaredSurvival(0, 1)).toBe(1)
  expect(chiSquaredSurvival(-1, 1)).toBe(1)
  expect(chiSquaredCdf(-1, 1)).toBe(0)
  expect(chiSquaredCdf(3.841458820694124, 1)).toBeCloseTo(0.95, 13)
})
