import { describe, expect, test } from 'vitest'
import { exp, log, log1p } from '../numerics/elementary.ts'
import { digamma, logGammaHalfStep } from '../numerics/special.ts'
import { createLoss, degreesOfFreedomLink, type LossSpec, scaleLink, softplus } from './losses.ts'

const SPECS: LossSpec[] = [
  { kind: 'student-t' },
  { kind: 'gaussian' },
  { kind: 'squared-error' },
  { kind: 'pinball', levels: [0.05, 0.5, 0.95] },
]

/** Raw outputs and targets from calm to extreme. */
const POINTS: { raw: number[]; target: number }[] = [
  { raw: [0.1, -0.3, 0.7], target: 0.4 },
  { raw: [-1.2, 2, -3], target: 1.5 },
  { raw: [0.3, -4, 6], target: 0.31 },
  { raw: [0, 0.5, 40], target: -8 },
]

describe.each(SPECS)('the loss $kind', (spec) => {
  const loss = createLoss(spec)

  test('has the gradient that finite differences show', () => {
    for (const { raw, target } of POINTS) {
      const gradient = new Float64Array(4)
      loss.evaluate(Float64Array.of(0, ...raw), 1, target, gradient)
      for (let k = 0; k < loss.outputSize; k++) {
        const numeric = centralDifference((h) => valueAt(raw, k, h, target))
        const scale = Math.max(1, Math.abs(numeric))
        expect(Math.abs((gradient[k + 1] as number) - numeric) / scale).toBeLessThan(1e-7)
      }
    }
  })

  test('stays finite on extreme raw outputs', () => {
    for (const extreme of [-800, 800]) {
      const raw = new Float64Array(loss.outputSize).fill(extreme)
      const gradient = new Float64Array(loss.outputSize)
      expect(Number.isFinite(loss.evaluate(raw, 0, 1, gradient))).toBe(true)
      expect(gradient.every(Number.isFinite)).toBe(true)
    }
  })

  function valueAt(raw: number[], k: number, h: number, target: number): number {
    const moved = Float64Array.from(raw)
    moved[k] = (moved[k] as number) + h
    return loss.evaluate(moved, 0, target, new Float64Array(3))
  }
})

/** Fourth-order central difference at 0. */
function centralDifference(f: (h: number) => number): number {
  const h = 2e-4
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}

test('neutral outputs mean unit scale and five degrees of freedom', () => {
  const [location, scale, degrees] = createLoss({ kind: 'student-t' }).neutralOutputs
  expect(location).toBe(0)
  expect(scaleLink(scale as number)).toBeCloseTo(1, 12)
  expect(degreesOfFreedomLink(degrees as number)).toBeCloseTo(5, 12)
})

test('softplus neither overflows nor vanishes', () => {
  expect(softplus(1000)).toBe(1000)
  expect(softplus(-700)).toBeGreaterThan(0)
  expect(softplus(0)).toBeCloseTo(Math.LN2, 14)
})

test('quantile levels out of order or range are refused', () => {
  for (const levels of [[], [0.5, 0.5], [0.9, 0.1], [0, 0.5], [0.5, 1], [NaN]]) {
    expect(() => createLoss({ kind: 'pinball', levels })).toThrow(RangeError)
  }
})

test('the Student-t loss and its slope by the degrees of freedom are those of the gamma function', () => {
  const { evaluate } = createLoss({ kind: 'student-t' })
  for (let rawDegrees = -20; rawDegrees < 60; rawDegrees += 0.37) {
    const gradient = new Float64Array(3)
    const z = 1.3 / scaleLink(0.2)
    const nu = degreesOfFreedomLink(rawDegrees)
    const loss = evaluate(Float64Array.of(0.1, 0.2, rawDegrees), 0, 1.4, gradient)
    const tail = log1p((z * z) / nu)
    const expected =
      0.5 * log(nu * Math.PI) -
      logGammaHalfStep(nu / 2) +
      log(scaleLink(0.2)) +
      ((nu + 1) / 2) * tail
    expect(Math.abs(loss - expected)).toBeLessThan(1e-14)
    const share = ((nu + 1) * z * z) / (nu * (nu + z * z))
    const slope = 0.5 * (digamma(nu / 2) - digamma((nu + 1) / 2) + 1 / nu + tail - share)
    const link = 1 / (1 + exp(-rawDegrees))
    expect(Math.abs((gradient[2] as number) - slope * link)).toBeLessThan(1e-14)
  }
})
