import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  autocovariance,
  longRunVariance,
  mean,
  median,
  quantile,
  standardDeviation,
  sum,
  variance,
} from './statistics.ts'

const series = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
  minLength: 2,
  maxLength: 40,
})

describe('moments', () => {
  test('of a small series', () => {
    const x = [2, 4, 4, 4, 5, 5, 7, 9]
    expect(sum(x)).toBe(40)
    expect(mean(x)).toBe(5)
    expect(variance(x, 'population')).toBe(4)
    expect(variance(x)).toBeCloseTo(32 / 7, 15)
    expect(standardDeviation(x, 'population')).toBe(2)
  })

  test('a constant series has no variance, however large its values', () => {
    expect(variance([1e9 + 0.1, 1e9 + 0.1, 1e9 + 0.1])).toBeCloseTo(0, 12)
  })

  test('refuse too few values', () => {
    expect(() => mean([])).toThrow(RangeError)
    expect(() => variance([1])).toThrow(/at least 2/)
    expect(() => variance([], 'population')).toThrow(RangeError)
    expect(variance([1], 'population')).toBe(0)
  })
})

describe('long-run variance', () => {
  test('without lags is the population variance', () => {
    fc.assert(
      fc.property(series, (x) => {
        const expected = variance(x, 'population')
        expect(Math.abs(longRunVariance(x, 0) - expected)).toBeLessThan(1e-9 * (1 + expected))
        expect(autocovariance(x, 0)).toBeCloseTo(longRunVariance(x, 0), 12)
      }),
    )
  })

  test('is never negative with Bartlett weights', () => {
    fc.assert(
      fc.property(series, fc.nat(), (x, lag) => {
        expect(longRunVariance(x, lag % x.length)).toBeGreaterThan(-1e-7)
      }),
    )
  })

  test('refuses a lag that the series does not have', () => {
    expect(() => longRunVariance([1, 2, 3], 3)).toThrow(RangeError)
    expect(() => autocovariance([1, 2, 3], -1)).toThrow(RangeError)
    expect(() => autocovariance([1, 2, 3], 0.5)).toThrow(RangeError)
  })
})

describe('quantiles', () => {
  test('interpolate between order statistics', () => {
    expect(quantile([4, 1, 3, 2], 0)).toBe(1)
    expect(quantile([4, 1, 3, 2], 1)).toBe(4)
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(median([9, 1, 5])).toBe(5)
  })

  test('leave the series as it was', () => {
    const x = Float64Array.of(3, 1, 2)
    quantile(x, 0.5)
    expect([...x]).toEqual([3, 1, 2])
  })

  test('refuse an empty series, a NaN and a share out of range', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
    expect(() => quantile([1, NaN], 0.5)).toThrow(RangeError)
    expect(() => quantile([1, 2], 1.5)).toThrow(RangeError)
  })
})
