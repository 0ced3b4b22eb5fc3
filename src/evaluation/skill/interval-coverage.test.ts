import { describe, expect, test } from 'vitest'
import { christoffersen, kupiec } from './interval-coverage.ts'

describe('kupiec', () => {
  test('is content with the promised share', () => {
    const { t, p } = kupiec(10, 200, 0.05)
    expect(t).toBeCloseTo(0, 12)
    expect(p).toBeCloseTo(1, 5)
  })

  test('objects to too many misses and to too few', () => {
    expect(kupiec(25, 200, 0.05).p).toBeLessThan(0.001)
    expect(kupiec(1, 200, 0.05).p).toBeLessThan(0.01)
  })

  test('handles none and all', () => {
    expect(kupiec(0, 100, 0.05).t).toBeCloseTo(10.258658877510106, 10)
    expect(kupiec(4, 4, 0.5).t).toBeCloseTo(5.545177444479562, 12)
    expect(kupiec(0, 0, 0.05)).toEqual({ t: null, p: null })
  })

  test('refuses impossible counts and shares', () => {
    expect(() => kupiec(5, 4, 0.05)).toThrow(RangeError)
    expect(() => kupiec(0.5, 4, 0.05)).toThrow(RangeError)
    expect(() => kupiec(1, 4, 0)).toThrow(RangeError)
  })
})

describe('christoffersen', () => {
  const clustered = Uint8Array.from({ length: 200 }, (_, i) => (i >= 100 && i < 110 ? 1 : 0))
  const spread = Uint8Array.from({ length: 200 }, (_, i) => (i % 20 === 7 ? 1 : 0))

  test('objects to misses that come together, however right their number', () => {
    const result = christoffersen(clustered, 0.05)
    expect(result.coverage.p).toBeGreaterThan(0.9)
    expect(result.independence.p).toBeLessThan(1e-6)
    expect(result.conditionalCoverage.p).toBeLessThan(1e-6)
  })

  test('is content with misses spread out', () => {
    const result = christoffersen(spread, 0.05)
    expect(result.independence.p).toBeGreaterThan(0.2)
    expect(result.conditionalCoverage.p).toBeGreaterThan(0.4)
  })

  test('knows nothing of independence without misses', () => {
    const result = christoffersen(new Uint8Array(50), 0.05)
    expect(result.coverage.p).toBeLessThan(0.05)
    expect(result.independence).toEqual({ t: null, p: null })
    expect(result.conditionalCoverage).toEqual({ t: null, p: null })
    expect(christoffersen([], 0.05).coverage).toEqual({ t: null, p: null })
  })

  test('refuses anything but zeros and ones', () => {
    expect(() => christoffersen([0, 2], 0.05)).toThrow(/received 2 on day 1/)
  })
})
