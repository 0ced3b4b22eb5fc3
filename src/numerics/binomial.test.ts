import { describe, expect, test } from 'vitest'
import { binomialCdf, binomialProbability, binomialTest } from './binomial.ts'

describe('the binomial distribution', () => {
  test('adds up to one', () => {
    let total = 0
    for (let k = 0; k <= 12; k++) {
      total += binomialProbability(k, 12, 0.3)
      expect(binomialCdf(k, 12, 0.3)).toBeCloseTo(total, 13)
    }
    expect(total).toBeCloseTo(1, 13)
  })

  test('is certain where the probability is', () => {
    expect(binomialProbability(0, 5, 0)).toBe(1)
    expect(binomialProbability(5, 5, 1)).toBe(1)
    expect(binomialProbability(4, 5, 1)).toBe(0)
    expect(binomialCdf(-1, 5, 0.5)).toBe(0)
    expect(binomialCdf(5, 5, 0.5)).toBe(1)
  })
})

describe('binomialTest', () => {
  test('of nothing unusual is one', () => {
    expect(binomialTest(5, 10, 0.5)).toBe(1)
    expect(binomialTest(0, 10, 0.5, 'greater')).toBe(1)
    expect(binomialTest(10, 10, 0.5, 'less')).toBe(1)
  })

  test('counts both tails of a fair coin', () => {
    expect(binomialTest(0, 10, 0.5)).toBeCloseTo(2 / 1024, 15)
    expect(binomialTest(10, 10, 0.5)).toBeCloseTo(2 / 1024, 15)
    expect(binomialTest(9, 10, 0.5, 'greater')).toBeCloseTo(11 / 1024, 15)
  })

  test('refuses impossible counts and probabilities', () => {
    expect(() => binomialTest(11, 10, 0.5)).toThrow(RangeError)
    expect(() => binomialTest(-1, 10, 0.5)).toThrow(RangeError)
    expect(() => binomialTest(5, 10, 1.5)).toThrow(RangeError)
    expect(() => binomialTest(0.5, 10, 0.5)).toThrow(RangeError)
  })
})
