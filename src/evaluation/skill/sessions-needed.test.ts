import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { sessionsNeeded } from './sessions-needed.ts'

/** Losses of two forecasts of direction: 1 for a miss, of which A has a share `missesA`. */
function misses(n: number, missesA: number): [Float64Array, Float64Array] {
  const random = createRandom('misses')
  const a = Float64Array.from({ length: n }, () => (random.uniform() < missesA ? 1 : 0))
  return [a, new Float64Array(n).fill(0.5)]
}

describe('sessionsNeeded', () => {
  test('reproduces the power of a test of direction', () => {
    // 48 % of misses against 50 %: about 3,870 days in all for power 0.8.
    const pattern = Float64Array.from({ length: 500 }, (_, i) => ((i * 157) % 500 < 240 ? 1 : 0))
    const even = new Float64Array(500).fill(0.5)
    const more = sessionsNeeded(pattern, even, { horizon: 1, lag: 0 })
    expect(Math.abs((more ?? NaN) + 500 - 3870)).toBeLessThan(30)
  })

  test('needs none where the advantage is significant already', () => {
    expect(sessionsNeeded(...misses(400, 0.3), { horizon: 1 })).toBe(0)
  })

  test('does not say where there is no advantage', () => {
    expect(sessionsNeeded(...misses(400, 0.6), { horizon: 1 })).toBeNull()
    const same = new Float64Array(30).fill(0.5)
    expect(sessionsNeeded(same, same, { horizon: 1 })).toBeNull()
  })

  test('more certainty takes more sessions', () => {
    const [a, b] = misses(150, 0.46)
    const options = { horizon: 1 }
    const usual = sessionsNeeded(a, b, options) ?? NaN
    expect(sessionsNeeded(a, b, { ...options, power: 0.95 })).toBeGreaterThan(usual)
    expect(sessionsNeeded(a, b, { ...options, level: 0.01 })).toBeGreaterThan(usual)
  })

  test('refuses levels and powers without meaning', () => {
    const [a, b] = misses(20, 0.4)
    expect(() => sessionsNeeded(a, b, { horizon: 1, level: 0.6 })).toThrow(RangeError)
    expect(() => sessionsNeeded(a, b, { horizon: 1, power: 0.3 })).toThrow(RangeError)
  })
})
