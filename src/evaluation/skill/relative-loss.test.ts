import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { relativeLossBound } from './relative-loss.ts'

function losses(n: number, factor: number, noise: number): [Float64Array, Float64Array] {
  const random = createRandom('relative')
  const benchmark = Float64Array.from(
    { length: n },
    () => 0.01 * Math.abs(1 + 0.3 * random.normal()),
  )
  const candidate = benchmark.map((loss) => loss * factor + noise * random.normal())
  return [candidate, benchmark]
}

describe('relativeLossBound', () => {
  test('gives the difference as a share of the benchmark, and a bound above it', () => {
    const [candidate, benchmark] = losses(1000, 0.98, 1e-4)
    const { difference, upper, standardError } = relativeLossBound(candidate, benchmark, {
      horizon: 1,
    })
    expect(difference).toBeCloseTo(-0.02, 3)
    expect(upper).toBeGreaterThan(difference)
    expect(upper).toBeLessThan(0)
    expect(standardError).toBeGreaterThan(0)
  })

  test('a higher level gives a higher bound, more noise too', () => {
    const [candidate, benchmark] = losses(1000, 1, 1e-4)
    const [noisy] = losses(1000, 1, 1e-3)
    const upper = (of: Float64Array, level: number) =>
      relativeLossBound(of, benchmark, { horizon: 1, level }).upper ?? NaN
    expect(upper(candidate, 0.99)).toBeGreaterThan(upper(candidate, 0.95))
    expect(upper(noisy, 0.95)).toBeGreaterThan(upper(candidate, 0.95))
  })

  test('a copy of the benchmark is exactly as good', () => {
    const [, benchmark] = losses(100, 1, 0)
    expect(relativeLossBound(benchmark, benchmark, { horizon: 1 })).toEqual({
      difference: 0,
      standardError: 0,
      upper: 0,
    })
  })

  test('has no bound where it cannot be estimated', () => {
    const bound = relativeLossBound(Float64Array.of(2), Float64Array.of(1), { horizon: 1 })
    expect(bound).toEqual({ difference: 1, standardError: null, upper: null })
  })

  test('refuses losses that a ratio makes no sense of', () => {
    const negative = Float64Array.of(-1, -2)
    expect(() => relativeLossBound(negative, negative, { horizon: 1 })).toThrow(/positive/)
    expect(() =>
      relativeLossBound(new Float64Array(0), new Float64Array(0), { horizon: 1 }),
    ).toThrow(RangeError)
  })
})
