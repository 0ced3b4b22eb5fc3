import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exp, expm1, log, log1p, pow, tanh } from './elementary.ts'

const LARGEST = Number.MAX_VALUE
const SMALLEST = Number.MIN_VALUE

describe('special values', () => {
  test.each([
    [0, 1],
    [-0, 1],
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [709.782712893384, 1.7976931348622732e308],
    [709.7827128933841, Infinity],
    [-745.1332191019411, SMALLEST],
    [-745.1332191019412, 0],
  ])('exp(%d) is %d', (x, expected) => expect(exp(x)).toBe(expected))

  test.each([
    [0, 0],
    [-0, -0],
    [SMALLEST, SMALLEST],
    [Infinity, Infinity],
    [-Infinity, -1],
    [-50, -1],
    [NaN, NaN],
    [800, Infinity],
  ])('expm1(%d) is %d', (x, expected) => expect(expm1(x)).toBe(expected))

  test.each([
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [-1, NaN],
    [-SMALLEST, NaN],
    [Infinity, Infinity],
    [NaN, NaN],
    [SMALLEST, -744.4400719213812],
    [LARGEST, 709.782712893384],
  ])('log(%d) is %d', (x, expected) => expect(log(x)).toBe(expected))

  test.each([
    [0, 0],
    [-0, -0],
    [-1, -Infinity],
    [-1.5, NaN],
    [Infinity, Infinity],
    [NaN, NaN],
    [SMALLEST, SMALLEST],
    [LARGEST, 709.782712893384],
  ])('log1p(%d) is %d', (x, expected) => expect(log1p(x)).toBe(expected))

  test.each([
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
    [SMALLEST, SMALLEST],
    [30, 1],
    [-30, -1],
  ])('tanh(%d) is %d', (x, expected) => expect(tanh(x)).toBe(expected))
})

describe('pow', () => {
  test.each([
    [0, 1, 0],
    [0, -1, Infinity],
    [0, 0.5, 0],
    [0, -0.5, Infinity],
    [-2, 0.5, NaN],
    [-2, -3, -0.125],
    [-2, 10, 1024],
    [-0.5, -3, -8],
    [2, 1025, Infinity],
    [2, -1074, SMALLEST],
    [2, -1075, 0],
    [2, Infinity, Infinity],
    [0.5, Infinity, 0],
    [1, -Infinity, NaN],
    [-1, Infinity, NaN],
    [-Infinity, 2, Infinity],
    [-Infinity, -3, -0],
    [-Infinity, 0.5, Infinity],
    [2, NaN, NaN],
    [NaN, 1, NaN],
  ])('pow(%d, %d) is %d, as the language has it', (x, y, expected) => {
    expect(pow(x, y)).toBe(expected)
  })

  test('gives -0 and -Infinity for odd powers of -0', () => {
    expect(pow(-0, 3)).toBe(-0)
    expect(pow(-0, -3)).toBe(-Infinity)
    expect(pow(-0, 2)).toBe(0)
  })

  test('anything to the power of zero is one', () => {
    for (const x of [0, -3, Infinity, NaN]) expect([pow(x, 0), pow(x, -0)]).toEqual([1, 1])
  })

  test('small integer powers are exact', () => {
    for (let base = 2; base <= 20; base++) {
      for (let power = 1, exact = base; exact < 2 * 4503599627370496; power++, exact *= base) {
        expect(pow(base, power)).toBe(exact)
      }
    }
  })
})

describe('identities over many arguments', () => {
  const ordinary = fc.double({ min: -700, max: 700, noNaN: true })

  test('log undoes exp', () => {
    fc.assert(
      fc.property(ordinary, (x) => Math.abs(log(exp(x)) - x) <= 3e-16 + 2.3e-16 * Math.abs(x)),
    )
  })

  test('log1p undoes expm1', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.9, max: 0.9, noNaN: true }), (x) => {
        expect(Math.abs(log1p(expm1(x)) - x)).toBeLessThanOrEqual(2e-15 * Math.abs(x))
      }),
    )
  })

  test('tanh is odd, and all of them grow up to rounding', () => {
    fc.assert(
      fc.property(ordinary, ordinary, (x, y) => {
        expect(tanh(-x)).toBe(-tanh(x))
        if (x < y) {
          for (const f of [tanh, exp, expm1])
            expect(f(x) - f(y)).toBeLessThanOrEqual(4e-16 * Math.abs(f(y)))
        }
      }),
    )
  })

  test('pow agrees with repeated multiplication and with the square root', () => {
    const moderate = fc.double({ min: 1e-100, max: 1e100, noNaN: true })
    fc.assert(
      fc.property(moderate, (x) => {
        expect(pow(x, 1)).toBe(x)
        expect(pow(x, 2) / (x * x)).toBeCloseTo(1, 15)
        expect(pow(x, 0.5) / Math.sqrt(x)).toBeCloseTo(1, 15)
        expect(pow(x, -1) * x).toBeCloseTo(1, 15)
      }),
    )
  })

  test('powers of two are exact and shift the logarithm of one', () => {
    for (let k = -1022; k <= 1023; k++) {
      expect(pow(2, k) * pow(2, -k)).toBe(1)
      expect(log(pow(2, k)) / Math.LN2).toBeCloseTo(k, 10)
    }
  })
})
