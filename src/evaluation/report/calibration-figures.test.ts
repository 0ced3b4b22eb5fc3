import { expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { PIT_MINIMUM, pitHistogram } from './pit-histogram.ts'
import { coverageMargin, coverageWindow, rollingCoverage } from './rolling-coverage.ts'

const uniform = (count: number): Float64Array => {
  const random = createRandom('pit')
  return Float64Array.from({ length: count }, () => random.uniform())
}

test('a histogram of uniform values is level at 1 and mostly inside its band', () => {
  const histogram = pitHistogram(uniform(20_000))
  expect(histogram?.density).toHaveLength(20)
  for (const height of histogram?.density ?? []) expect(height).toBeCloseTo(1, 0)
  expect(histogram?.outside).toBeLessThanOrEqual(3)
})

test('a heap shows outside the band', () => {
  const heaped = uniform(2000).map((value) => value * 0.5 + 0.25)
  expect(pitHistogram(heaped)?.outside).toBeGreaterThan(15)
})

test('heights average to 1, edges count, and what is not a number does not', () => {
  const values = Float64Array.from([...uniform(100), 0, 1, Number.NaN])
  const histogram = pitHistogram(values)
  expect(histogram?.count).toBe(102)
  const heights = histogram?.density ?? []
  expect(heights.reduce((sum, height) => sum + height, 0) / heights.length).toBeCloseTo(1, 12)
})

test('too few values make no histogram', () => {
  expect(pitHistogram(uniform(PIT_MINIMUM - 1))).toBeUndefined()
  expect(pitHistogram(uniform(PIT_MINIMUM))).toBeDefined()
})

test('rolling coverage is the share inside the interval over the last sessions', () => {
  const pit = Float64Array.from([0.5, 0.05, 0.95, 0.5, 0.1, 0.9])
  expect([...rollingCoverage(pit, 0.8, 2)]).toEqual([Number.NaN, 0.5, 0, 0.5, 1, 1])
})

test('a window of the whole series gives the overall coverage', () => {
  const pit = uniform(1000)
  const inside = pit.filter((value) => value >= 0.025 && value <= 0.975).length
  expect(rollingCoverage(pit, 0.95, 1000).at(-1)).toBeCloseTo(inside / 1000, 12)
})

test('the window is 250 sessions, or half of a short backtest; the margin is that of a share', () => {
  expect(coverageWindow(2013)).toBe(250)
  expect(coverageWindow(101)).toBe(50)
  expect(coverageMargin(0.8, 250)).toBeCloseTo(0.0496, 4)
})
