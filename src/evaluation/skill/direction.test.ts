import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { directionTest, pesaranTimmermann } from './direction.ts'

const random = createRandom('direction')
const outcomes = Float64Array.from({ length: 500 }, () => random.normal() + 0.1)
const informed = outcomes.map((outcome) => outcome + 2 * random.normal())
const alwaysUp = new Float64Array(500).fill(1)

describe('directionTest', () => {
  test('gives always-up no credit where up is the majority', () => {
    const { accuracy, majorityShare, t, p } = directionTest(alwaysUp, outcomes)
    expect(accuracy).toBe(majorityShare)
    expect(t).toBe(0)
    expect(p).toBeGreaterThan(0.45)
  })

  test('finds real information', () => {
    expect(directionTest(informed, outcomes).p).toBeLessThan(0.001)
  })

  test('counts an unchanged close as a miss and a zero forecast as up', () => {
    const result = directionTest([1, -1, 0, 0], [0, 0, 1, -1])
    expect(result.accuracy).toBe(0.25)
    expect(result.majorityShare).toBe(0.25)
  })

  test('is undefined where every day went the same way', () => {
    expect(directionTest([1, -1, 1], [1, 1, 1])).toMatchObject({ t: null, p: null })
  })

  test('refuses different lengths and no days', () => {
    expect(() => directionTest([1], [1, 2])).toThrow(RangeError)
    expect(() => directionTest([], [])).toThrow(RangeError)
  })
})

describe('pesaranTimmermann', () => {
  test('finds real information', () => {
    expect(pesaranTimmermann(informed, outcomes).p).toBeLessThan(0.001)
  })

  test('finds the opposite of information with a negative statistic', () => {
    const contrary = informed.map((value) => -value)
    const { t, p } = pesaranTimmermann(contrary, outcomes)
    expect(t).toBeLessThan(-3)
    expect(p).toBeGreaterThan(0.999)
  })

  test('is undefined for a forecast that never changes its mind', () => {
    expect(pesaranTimmermann(alwaysUp, outcomes)).toEqual({ t: null, p: null })
    expect(pesaranTimmermann([1, -1], [1, 1])).toEqual({ t: null, p: null })
  })

  test('finds nothing in independent signs about as often as it promises', () => {
    let found = 0
    for (let trial = 0; trial < 500; trial++) {
      const stream = createRandom(`independent/${trial}`)
      const draw = () => Float64Array.from({ length: 200 }, () => stream.normal() + 0.2)
      if ((pesaranTimmermann(draw(), draw()).p ?? 1) < 0.05) found += 1
    }
    expect(found).toBeGreaterThan(10)
    expect(found).toBeLessThan(45)
  })
})
