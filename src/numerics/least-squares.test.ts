import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastSquares } from './least-squares.ts'

const ones = (n: number) => new Float64Array(n).fill(1)
const number = fc.double({ min: -100, max: 100, noNaN: true })

describe('leastSquares', () => {
  test('draws the line through three points', () => {
    const fit = leastSquares([ones(3), Float64Array.of(0, 1, 2)], Float64Array.of(1, 3, 5))
    expect(fit.coefficients[0]).toBeCloseTo(1, 14)
    expect(fit.coefficients[1]).toBeCloseTo(2, 14)
    expect(fit.rSquared).toBeCloseTo(1, 14)
  })

  test('leaves residuals at right angles to every column', () => {
    const rows = fc.array(fc.tuple(number, number), { minLength: 6, maxLength: 30 })
    fc.assert(
      fc.property(rows, (pairs) => {
        const x = Float64Array.from(pairs, ([value], i) => value + i * 10)
        const columns = [ones(pairs.length), x]
        const { residuals } = leastSquares(
          columns,
          Float64Array.from(pairs, ([, y]) => y),
        )
        for (const column of columns) {
          const product = column.reduce((sum, value, i) => sum + value * (residuals[i] ?? NaN), 0)
          expect(Math.abs(product)).toBeLessThan(1e-7)
        }
      }),
    )
  })

  test('does not mind units', () => {
    const x = Float64Array.of(1, 2, 4, 7, 11)
    const y = Float64Array.of(3, 1, 4, 1, 5)
    const plain = leastSquares([ones(5), x], y)
    const tiny = leastSquares([ones(5), x.map((value) => value * 1e-12)], y)
    expect((tiny.coefficients[1] ?? NaN) * 1e-12).toBeCloseTo(plain.coefficients[1] ?? NaN, 13)
  })

  test('leaves its arguments as they were', () => {
    const x = Float64Array.of(1, 2, 4)
    const y = Float64Array.of(3, 1, 4)
    leastSquares([ones(3), x], y)
    expect([...x, ...y]).toEqual([1, 2, 4, 3, 1, 4])
  })

  test('names the column that depends on others', () => {
    const x = Float64Array.of(1, 2, 4, 8)
    const copy = x.map((value) => 3 * value - 1)
    expect(() => leastSquares([ones(4), x, copy], x)).toThrow(/Column 2 depends/)
    expect(() => leastSquares([ones(4), new Float64Array(4)], x)).toThrow(/Column 1 is zero/)
  })

  test('names the row of a value that is not finite', () => {
    const x = Float64Array.of(1, NaN, 4)
    expect(() => leastSquares([ones(3), x], ones(3))).toThrow(/Column 1 holds NaN in row 1/)
    expect(() => leastSquares([ones(3)], x)).toThrow(/target holds NaN in row 1/)
  })

  test('refuses too few rows, no columns and different lengths', () => {
    expect(() => leastSquares([], ones(3))).toThrow(RangeError)
    expect(() => leastSquares([ones(1), ones(1)], ones(1))).toThrow(/only 1 rows/)
    expect(() => leastSquares([ones(4)], ones(3))).toThrow(/4 rows, the target has 3/)
  })

  test('has no R² for a constant target', () => {
    expect(leastSquares([Float64Array.of(1, 2, 3)], ones(3)).rSquared).toBeNaN()
  })
})
