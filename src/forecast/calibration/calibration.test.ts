import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { createAdaptiveConformal, restoreAdaptiveConformal } from './adaptive-conformal.ts'
import { adaptiveConformalLevels, coverageAt, splitConformalLevels } from './calibrated-levels.ts'
import { conformityScore, FEWEST_CALIBRATION_DAYS, splitConformalLevel } from './split-conformal.ts'

/** PIT values of forecasts whose intervals are too narrow: pushed towards 0 and 1. */
function narrowForecasts(days: number, seed: string): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: days }, () => {
    const level = Math.sqrt(random.uniform())
    return random.uniform() < 0.5 ? 0.5 - level / 2 : 0.5 + level / 2
  })
}

/** Another second half. */
function withAnotherEnd(pit: Float64Array, from: number): Float64Array {
  return pit.map((value, day) => (day < from ? value : 1 - value * value))
}

const yearly = (days: number) =>
  Int32Array.from({ length: days }, (_, day) => Math.floor(day / 252))

describe('split conformal calibration', () => {
  test('a score is the level of the interval whose edge the outcome lies on', () => {
    expect(conformityScore(0.9)).toBeCloseTo(0.8, 15)
    expect(conformityScore(0.1)).toBeCloseTo(0.8, 15)
    expect(conformityScore(0.5)).toBe(0)
  })

  test('the level is the (n + 1) · nominal-th smallest score', () => {
    const scores = Array.from({ length: 99 }, (_, i) => (99 - i) / 100)
    expect(splitConformalLevel(scores, 0.8)).toBe(0.8)
    expect(splitConformalLevel(scores, 0.95)).toBe(0.95)
  })

  test('too few outcomes leave the promise as it is', () => {
    const scores = new Float64Array(FEWEST_CALIBRATION_DAYS - 1).fill(0.5)
    expect(splitConformalLevel(scores, 0.8)).toBe(0.8)
  })

  /** Far from uniform. */
  const squared = (uniform: number) => uniform * uniform

  test('over exchangeable days the next outcome is covered as promised', () => {
    const random = createRandom('exchangeable')
    let hits = 0
    for (let trial = 0; trial < 2000; trial++) {
      const scores = Float64Array.from({ length: 100 }, () => squared(random.uniform()))
      if (squared(random.uniform()) <= splitConformalLevel(scores, 0.9)) hits++
    }
    // 0.9 … 0.91 in theory; three standard errors are 0.02.
    expect(hits / 2000).toBeGreaterThan(0.88)
    expect(hits / 2000).toBeLessThan(0.93)
  })

  test('each fold has one level, from the folds before it only', () => {
    const pit = narrowForecasts(252 * 3, 'folds')
    const given = { fold: yearly(pit.length), horizon: 1, nominal: 0.8 }
    const levels = splitConformalLevels(pit, given)
    expect(levels[0]).toBe(0.8)
    expect(new Set(levels.subarray(252, 504)).size).toBe(1)
    expect(levels[252]).toBeGreaterThan(0.8)
    const other = splitConformalLevels(withAnotherEnd(pit, 504), given)
    expect(other.subarray(0, 505)).toEqual(levels.subarray(0, 505))
  })

  test('an outcome that is not known when a fold begins does not count in it', () => {
    const pit = narrowForecasts(504, 'horizon')
    const given = { fold: yearly(504), horizon: 20, nominal: 0.8 }
    const changed = pit.map((value, day) => (day >= 252 - 19 ? 0.5 : value))
    expect(splitConformalLevels(changed, given)[252]).toBe(splitConformalLevels(pit, given)[252])
    const earlier = pit.map((value, day) => (day >= 252 - 60 ? 0.5 : value))
    expect(splitConformalLevels(earlier, given)[252]).not.toBe(
      splitConformalLevels(pit, given)[252],
    )
  })
})

describe('adaptive conformal calibration', () => {
  const options = { nominal: [0.8, 0.95], horizon: 1 }

  test('forecasts that are too narrow come to hold what they promise', () => {
    const pit = narrowForecasts(3000, 'adaptive')
    const [inner = [], outer = []] = adaptiveConformalLevels(pit, options)
    expect(coverageAt(pit, new Float64Array(3000).fill(0.8))).toBeLessThan(0.72)
    expect(Math.abs(coverageAt(pit, inner) - 0.8)).toBeLessThan(0.01)
    expect(Math.abs(coverageAt(pit, outer) - 0.95)).toBeLessThan(0.01)
  })

  test('the promise is kept even when the forecasts become much worse half-way', () => {
    const random = createRandom('shift')
    const pit = Float64Array.from({ length: 4000 }, (_, day) =>
      day < 2000 ? random.uniform() : Math.round(random.uniform()) * 0.84 + 0.16 * random.uniform(),
    )
    const [inner = []] = adaptiveConformalLevels(pit, options)
    expect(coverageAt(pit, new Float64Array(4000).fill(0.8))).toBeLessThan(0.7)
    expect(Math.abs(coverageAt(pit, inner) - 0.8)).toBeLessThan(0.02)
  })

  test.each([1, 5, 20])('a level %i sessions ahead has seen known outcomes only', (horizon) => {
    const pit = narrowForecasts(600, 'causal')
    const levels = adaptiveConformalLevels(pit, { ...options, horizon })
    const other = adaptiveConformalLevels(withAnotherEnd(pit, 300), { ...options, horizon })
    expect(other[0]?.subarray(0, 300 + horizon)).toEqual(levels[0]?.subarray(0, 300 + horizon))
    expect(other[0]?.subarray(300 + horizon)).not.toEqual(levels[0]?.subarray(300 + horizon))
  })

  test('one outcome at a time gives the levels of the whole sequence, across a restart', () => {
    const pit = narrowForecasts(200, 'restart')
    const [whole = []] = adaptiveConformalLevels(pit, options)
    let calibration = createAdaptiveConformal(options)
    for (const [day, value] of pit.entries()) {
      const issued = calibration.levels()
      expect(issued[0]).toBe(whole[day])
      calibration.observe(value, issued)
      calibration = restoreAdaptiveConformal(JSON.parse(JSON.stringify(calibration.readState())))
    }
  })

  test('misses without end widen the interval to its bound and not beyond', () => {
    const calibration = createAdaptiveConformal({ nominal: [0.95], rate: 0.1 })
    for (let day = 0; day < 50; day++) calibration.observe(1, calibration.levels())
    expect(calibration.levels()).toEqual([0.999])
  })

  test('a promise or a rate that makes no sense is refused', () => {
    expect(() => createAdaptiveConformal({ nominal: [1] })).toThrow(RangeError)
    expect(() => createAdaptiveConformal({ nominal: [0.8], rate: 0 })).toThrow(RangeError)
  })
})
