import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { dieboldMariano, twoSided } from './diebold-mariano.ts'

/** Losses that are noise, with `advantage` to A on each day. */
function noisyLosses(n: number, advantage: number, seed: string): [Float64Array, Float64Array] {
  const random = createRandom(seed)
  const b = Float64Array.from({ length: n }, () => 1 + 0.2 * random.normal())
  return [b.map((loss) => loss - advantage + 0.1 * random.normal()), b]
}

describe('dieboldMariano', () => {
  test('says with a negative t and a small p that A is better', () => {
    const [a, b] = noisyLosses(300, 0.03, 'better')
    const { t, p } = dieboldMariano(a, b, { horizon: 1 })
    expect(t).toBeLessThan(-3)
    expect(p).toBeLessThan(0.01)
  })

  test('turns its sign when the forecasts change places', () => {
    const [a, b] = noisyLosses(100, 0.01, 'swap')
    const there = dieboldMariano(a, b, { horizon: 3 })
    const back = dieboldMariano(b, a, { horizon: 3 })
    expect(back.t).toBeCloseTo(-(there.t ?? NaN), 12)
    expect(back.p).toBeCloseTo(1 - (there.p ?? NaN), 12)
    expect(twoSided(back.p ?? NaN)).toBeCloseTo(twoSided(there.p ?? NaN), 12)
  })

  test('does not depend on the unit of the losses', () => {
    const [a, b] = noisyLosses(100, 0.01, 'unit')
    const { t } = dieboldMariano(a, b, { horizon: 1 })
    const scaled = dieboldMariano(
      a.map((loss) => loss * 1e-9),
      b.map((loss) => loss * 1e-9),
      { horizon: 1 },
    )
    expect(scaled.t).toBeCloseTo(t ?? NaN, 9)
  })

  test('is undefined where the difference never varies', () => {
    const [, b] = noisyLosses(50, 0, 'constant')
    const nothing = { t: null, p: null }
    expect(dieboldMariano(b, b, { horizon: 1 })).toEqual(nothing)
    expect(
      dieboldMariano(new Float64Array(9).fill(0.3), new Float64Array(9).fill(0.1), { horizon: 1 }),
    ).toEqual(nothing)
  })

  test('is undefined for no day, one day, and fewer days than the horizon allows', () => {
    const nothing = { t: null, p: null }
    const losses = Float64Array.of(1, 3, 2, 5)
    const others = Float64Array.of(2, 2, 2, 2)
    expect(dieboldMariano(losses.slice(0, 0), others.slice(0, 0), { horizon: 1 })).toEqual(nothing)
    expect(dieboldMariano(losses.slice(0, 1), others.slice(0, 1), { horizon: 1 })).toEqual(nothing)
    expect(dieboldMariano(losses, others, { horizon: 4, lag: 0 })).toEqual(nothing)
  })

  test('is undefined where a loss is not a number', () => {
    const [a, b] = noisyLosses(50, 0, 'nan')
    a[7] = NaN
    expect(dieboldMariano(a, b, { horizon: 1 })).toEqual({ t: null, p: null })
  })

  test('refuses losses of different days and impossible horizons', () => {
    const [a, b] = noisyLosses(50, 0, 'refuse')
    expect(() => dieboldMariano(a, b.slice(1), { horizon: 1 })).toThrow(/50 and 49/)
    expect(() => dieboldMariano(a, b, { horizon: 0 })).toThrow(RangeError)
    expect(() => dieboldMariano(a, b, { horizon: 1, lag: -1 })).toThrow(RangeError)
    expect(() => dieboldMariano(a, b, { horizon: 1.5 })).toThrow(RangeError)
  })

  test('finds an advantage where there is none about as often as it promises', () => {
    let found = 0
    const trials = 1000
    for (let trial = 0; trial < trials; trial++) {
      const [a, b] = noisyLosses(250, 0, `null/${trial}`)
      if ((dieboldMariano(a, b, { horizon: 1 }).p ?? 1) < 0.05) found += 1
    }
    // Expected 50 and a few for the estimated lags; 30 … 80 is nearly four deviations wide.
    expect(found).toBeGreaterThan(30)
    expect(found).toBeLessThan(80)
  })
})
