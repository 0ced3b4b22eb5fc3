import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exp, log } from './elementary.ts'
import { findRoot } from './root.ts'

describe('findRoot', () => {
  test('inverts an increasing function', () => {
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (target) => {
        const { root, converged } = findRoot((x) => exp(x) - exp(target), -30, 30)
        expect(converged).toBe(true)
        expect(root).toBeCloseTo(target, 11)
      }),
    )
  })

  test('needs few steps where the function is smooth', () => {
    const { root, iterations } = findRoot((x) => log(x) - 1, 1, 10)
    expect(root).toBeCloseTo(Math.E, 13)
    expect(iterations).toBeLessThan(12)
  })

  test('survives a triple root and a step', () => {
    expect(findRoot((x) => (x - 1) * (x - 1) * (x - 1), -3, 4).root).toBeCloseTo(1, 4)
    expect(findRoot((x) => (x < 0.3 ? -1 : 1), 0, 1).root).toBeCloseTo(0.3, 12)
  })

  test('accepts a root at an end and refuses equal signs', () => {
    expect(findRoot((x) => x, 0, 1).root).toBe(0)
    expect(findRoot((x) => x - 1, 0, 1).root).toBe(1)
    expect(() => findRoot((x) => x + 5, 0, 1)).toThrow(/different signs/)
    expect(() => findRoot(() => NaN, 0, 1)).toThrow(RangeError)
  })
})
