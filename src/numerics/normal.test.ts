import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalCdf, normalDensity, normalQuantile } from './normal.ts'

const share = fc.double({ min: 1e-300, max: 1 - 1e-15, noNaN: true })

describe('the normal distribution', () => {
  test('distribution function undoes the quantile', () => {
    fc.assert(
      fc.property(share, (p) => {
        expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 11)
      }),
    )
  })

  test('is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (z) => {
        expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 15)
        expect(normalDensity(z)).toBe(normalDensity(-z))
      }),
    )
  })

  test('has the usual critical values and ends', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13)
    expect(normalQuantile(0.5)).toBe(0)
    expect(normalQuantile(0)).toBe(-Infinity)
    expect(normalQuantile(1)).toBe(Infinity)
    expect(normalQuantile(1.01)).toBeNaN()
    expect(normalCdf(-Infinity)).toBe(0)
    expect(normalCdf(Infinity)).toBe(1)
  })
})
