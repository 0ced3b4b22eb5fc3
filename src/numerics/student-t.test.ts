import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exp } from './elementary.ts'
import { normalCdf, normalQuantile } from './normal.ts'
import { createRandom } from './random.ts'
import {
  drawStudentT,
  studentTCdf,
  studentTCrps,
  studentTLogDensity,
  studentTQuantile,
} from './student-t.ts'

const degrees = fc.oneof(
  fc.double({ min: 0.8, max: 300, noNaN: true }),
  fc.double({ min: 9_000, max: 1e7, noNaN: true }),
)
const share = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true })
const deviate = fc.double({ min: -30, max: 30, noNaN: true })

describe('the Student-t distribution', () => {
  test('distribution function undoes the quantile', () => {
    fc.assert(
      fc.property(share, degrees, (p, df) => {
        const tail = Math.min(p, 1 - p)
        expect(Math.abs(studentTCdf(studentTQuantile(p, df), df) - p)).toBeLessThan(
          2e-12 * tail + 1e-15,
        )
      }),
      { numRuns: 400 },
    )
  })

  test('is symmetric', () => {
    fc.assert(
      fc.property(deviate, degrees, (z, df) => {
        expect(studentTCdf(z, df) + studentTCdf(-z, df)).toBeCloseTo(1, 14)
        expect(studentTLogDensity(-z, df)).toBe(studentTLogDensity(z, df))
        expect(studentTCrps(-z, df + 1)).toBe(studentTCrps(z, df + 1))
      }),
    )
  })

  test('distribution function never falls', () => {
    fc.assert(
      fc.property(deviate, deviate, degrees, (a, b, df) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        expect(studentTCdf(low, df)).toBeLessThanOrEqual(studentTCdf(high, df) + 1e-14)
      }),
    )
  })

  test('density is the slope of the distribution function', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), degrees, (z, df) => {
        const slope = (studentTCdf(z + 1e-5, df) - studentTCdf(z - 1e-5, df)) / 2e-5
        expect(exp(studentTLogDensity(z, df))).toBeCloseTo(slope, 7)
      }),
    )
  })

  test('is the normal distribution for infinite degrees of freedom', () => {
    expect(studentTCdf(-1.3, Infinity)).toBe(normalCdf(-1.3))
    expect(studentTQuantile(0.1, Infinity)).toBe(normalQuantile(0.1))
    expect(studentTLogDensity(1.3, Infinity)).toBeCloseTo(studentTLogDensity(1.3, 1e12), 10)
    expect(studentTCrps(1.3, Infinity)).toBeCloseTo(studentTCrps(1.3, 1e12), 10)
    expect(studentTCrps(0, Infinity)).toBeCloseTo(0.2336949772551091, 14)
  })

  test('has its ends and refuses nonsense with NaN', () => {
    expect(studentTQuantile(0, 3)).toBe(-Infinity)
    expect(studentTQuantile(1, 3)).toBe(Infinity)
    expect(studentTQuantile(0.5, 3)).toBe(0)
    expect(studentTQuantile(-0.1, 3)).toBeNaN()
    expect(studentTCdf(-Infinity, 3)).toBe(0)
    expect(studentTCdf(Infinity, 3)).toBe(1)
    expect(studentTCdf(0, 3)).toBe(0.5)
    expect(studentTCdf(1, 0)).toBeNaN()
    expect(studentTCdf(-1e200, 1.5) / 3.770852432016247e-301).toBeCloseTo(1, 10)
    expect(studentTCrps(0, 1)).toBeNaN()
  })

  test('CRPS is lowest at the centre and tends to the absolute error', () => {
    fc.assert(
      fc.property(deviate, fc.double({ min: 1.5, max: 100, noNaN: true }), (z, df) => {
        expect(studentTCrps(z, df)).toBeGreaterThan(studentTCrps(0, df) - 1e-13)
        expect(studentTCrps(z, df)).toBeLessThan(Math.abs(z) + studentTCrps(0, df) + 1e-13)
      }),
    )
  })

  test.each([2.5, 5, 30, Infinity])('draws with %d degrees of freedom fill its quantiles', (df) => {
    const random = createRandom(`draws/${df}`)
    const n = 20_000
    const counts = new Float64Array(10)
    for (let i = 0; i < n; i++) {
      const cell = Math.min(9, Math.floor(10 * studentTCdf(drawStudentT(random, df), df)))
      counts[cell] = (counts[cell] ?? 0) + 1
    }
    const expected = n / 10
    const chiSquared = counts.reduce((s, c) => s + (c - expected) * (c - expected), 0) / expected
    // Nine degrees of freedom: above 27.9 once in a thousand.
    expect(chiSquared).toBeLessThan(27.9)
  })
})
