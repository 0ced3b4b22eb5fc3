import { describe, expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { drawStudentT, fitStudentT } from './student-t.ts'

function sample(n: number, df: number, seed = 1): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: n }, () => 0.001 + 0.01 * drawStudentT(random, df))
}

describe('fitStudentT', () => {
  test('finds the parameters behind a large sample', () => {
    const fit = fitStudentT(sample(10_000, 4))
    expect(fit.location).toBeCloseTo(0.001, 3)
    expect(fit.scale / 0.01).toBeCloseTo(1, 1)
    expect(fit.degreesOfFreedom).toBeGreaterThan(3.5)
    expect(fit.degreesOfFreedom).toBeLessThan(4.5)
  })

  test('keeps a given location', () => {
    expect(fitStudentT(sample(500, 5), { location: 0.002 }).location).toBe(0.002)
  })

  test('stops at the bounds of the degrees of freedom', () => {
    expect(fitStudentT(sample(500, 1)).degreesOfFreedom).toBe(2.05)
    const flat = Float64Array.from({ length: 100 }, (_, i) => i / 100)
    expect(fitStudentT(flat).degreesOfFreedom).toBe(200)
    const narrow = { lowestDegreesOfFreedom: 5, highestDegreesOfFreedom: 6 }
    expect(fitStudentT(sample(500, 1), narrow).degreesOfFreedom).toBe(5)
  })

  test('a power of two scales location and scale exactly', () => {
    const values = sample(400, 4)
    for (const options of [{}, { location: 0 }]) {
      const fit = fitStudentT(values, options)
      const scaled = fitStudentT(
        values.map((value) => value * 32),
        options,
      )
      expect(scaled.location).toBe(32 * fit.location)
      expect(scaled.scale).toBe(32 * fit.scale)
      expect(scaled.degreesOfFreedom).toBe(fit.degreesOfFreedom)
    }
  })

  test('another factor changes the degrees of freedom by rounding only', () => {
    const values = sample(400, 4)
    const fit = fitStudentT(values, { location: 0 })
    const scaled = fitStudentT(
      values.map((value) => value / 7),
      { location: 0 },
    )
    expect(Math.abs((scaled.scale * 7) / fit.scale - 1)).toBeLessThan(1e-12)
    expect(Math.abs(scaled.degreesOfFreedom / fit.degreesOfFreedom - 1)).toBeLessThan(1e-12)
  })

  test('copes with a sample of mostly one value', () => {
    const values = [...new Float64Array(90), ...sample(10, 3)]
    const fit = fitStudentT(values, { location: 0 })
    expect(fit.scale).toBeGreaterThan(0)
    expect(Number.isFinite(fit.degreesOfFreedom)).toBe(true)
  })

  test('refuses what has no spread, no numbers or too few of them', () => {
    expect(() => fitStudentT([1, 1, 1, 1])).toThrow(/equal values/)
    expect(() => fitStudentT([0, 0, 0], { location: 0 })).toThrow(RangeError)
    expect(() => fitStudentT([1, NaN, 2, 3])).toThrow(RangeError)
    expect(() => fitStudentT([1, Infinity, 2, 3], { location: 0 })).toThrow(/finite/)
    expect(() => fitStudentT([1, 2])).toThrow(/needs 3 values/)
    const wrong = { lowestDegreesOfFreedom: 10, highestDegreesOfFreedom: 5 }
    expect(() => fitStudentT([1, 2, 3], wrong)).toThrow(RangeError)
  })
})
