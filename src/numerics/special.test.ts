import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  digamma,
  erf,
  erfc,
  lgamma,
  regularisedBeta,
  regularisedGammaP,
  regularisedGammaQ,
} from './special.ts'

describe('lgamma and digamma', () => {
  test('know factorials', () => {
    expect(lgamma(1)).toBe(0)
    expect(lgamma(2)).toBe(0)
    expect(lgamma(5)).toBeCloseTo(3.1780538303479458, 14)
    expect(lgamma(0.5)).toBeCloseTo(0.5723649429247001, 14)
  })

  test('are infinite at zero and undefined below', () => {
    expect(lgamma(0)).toBe(Infinity)
    expect(lgamma(Infinity)).toBe(Infinity)
    expect(lgamma(-1.5)).toBeNaN()
    expect(digamma(0)).toBe(-Infinity)
    expect(digamma(-1)).toBeNaN()
  })

  test('digamma is the slope of lgamma', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 50, noNaN: true }), (x) => {
        const slope = (lgamma(x + 1e-5) - lgamma(x - 1e-5)) / 2e-5
        expect(Math.abs(digamma(x) - slope)).toBeLessThan(2e-8)
      }),
    )
  })
})

describe('the error function', () => {
  test('has its limits', () => {
    expect(erf(0)).toBe(0)
    expect(erf(-0)).toBe(-0)
    expect(erf(Infinity)).toBe(1)
    expect(erf(-Infinity)).toBe(-1)
    expect(erfc(Infinity)).toBe(0)
    expect(erfc(-Infinity)).toBe(2)
    expect(erf(NaN)).toBeNaN()
    expect(erfc(NaN)).toBeNaN()
  })

  test('is odd and adds up to one with its complement', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        expect(erf(-x)).toBe(-erf(x))
        expect(erf(x) + erfc(x)).toBeCloseTo(1, 14)
      }),
    )
  })
})

describe('incomplete functions', () => {
  const shape = fc.double({ min: 0.2, max: 40, noNaN: true })
  /** Whole 2^-20ths, so that 1 - x is exact. */
  const share = fc.integer({ min: 0, max: 1048576 }).map((k) => k / 1048576)

  test('lower and upper gamma add up to one', () => {
    fc.assert(
      fc.property(shape, fc.double({ min: 0, max: 80, noNaN: true }), (a, x) => {
        expect(regularisedGammaP(a, x) + regularisedGammaQ(a, x)).toBeCloseTo(1, 13)
      }),
    )
  })

  test('the beta function is symmetric', () => {
    fc.assert(
      fc.property(share, shape, shape, (x, a, b) => {
        expect(regularisedBeta(x, a, b) + regularisedBeta(1 - x, b, a)).toBeCloseTo(1, 12)
      }),
    )
  })

  test('have the right ends', () => {
    expect(regularisedGammaP(2, 0)).toBe(0)
    expect(regularisedGammaQ(2, 0)).toBe(1)
    expect(regularisedGammaP(2, Infinity)).toBe(1)
    expect(regularisedBeta(0, 2, 3)).toBe(0)
    expect(regularisedBeta(1, 2, 3)).toBe(1)
  })

  test('refuse arguments out of range', () => {
    expect(() => regularisedGammaP(0, 1)).toThrow(RangeError)
    expect(() => regularisedGammaQ(1, -1)).toThrow(RangeError)
    expect(() => regularisedBeta(1.1, 1, 1)).toThrow(RangeError)
    expect(() => regularisedBeta(0.5, 0, 1)).toThrow(RangeError)
  })
})
