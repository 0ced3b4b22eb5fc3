/** Minimisation of a function of one variable. */
import type { Minimum } from './minimise.ts'

export interface BrentOptions {
  /** Relative to the coordinate, with 1e-12 absolute. Default 1e-9; below 1.5e-8 gains little. */
  readonly tolerance?: number
  readonly maxIterations?: number
}

const GOLDEN = 0.3819660112501051

/**
 * Minimises a function of one variable on [low, high] by parabolas guarded by golden sections.
 *
 * @returns The minimum, `point` having one coordinate; a local one where there are several.
 *
 * Source: Brent 1973, chapter 5.
 */
export function minimiseBrent(
  f: (x: number) => number,
  low: number,
  high: number,
  options: BrentOptions = {},
): Minimum {
  if (!(low < high)) throw new RangeError(`Expected low < high, received ${low} and ${high}`)
  const { tolerance = 1e-9, maxIterations = 200 } = options
  let left = low
  let right = high
  // The best point, the second best, and the one before that.
  let x = left + GOLDEN * (right - left)
  let w = x
  let v = x
  let fx = f(x)
  let fw = fx
  let fv = fx
  let step = 0
  let stepBefore = 0
  let iterations = 0
  let converged = false
  for (; iterations < maxIterations; iterations++) {
    const middle = 0.5 * (left + right)
    const least = tolerance * Math.abs(x) + 1e-12
    if (Math.abs(x - middle) <= 2 * least - 0.5 * (right - left)) {
      converged = true
      break
    }
    const r = (x - w) * (fx - fv)
    const q = (x - v) * (fx - fw)
    const numerator = (x - v) * q - (x - w) * r
    const denominator = 2 * (q - r)
    const parabolic = denominator === 0 ? NaN : -numerator / denominator
    const target = x + parabolic
    const usable =
      Math.abs(stepBefore) > least &&
      Math.abs(parabolic) < Math.abs(0.5 * stepBefore) &&
      target - left >= 2 * least &&
      right - target >= 2 * least
    stepBefore = usable ? step : (x < middle ? right : left) - x
    step = usable ? parabolic : GOLDEN * stepBefore
    const u = x + (Math.abs(step) >= least ? step : step > 0 ? least : -least)
    const fu = f(u)
    if (fu <= fx) {
      if (u < x) right = x
      else left = x
      ;[v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu]
    } else {
      if (u < x) left = u
      else right = u
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu]
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu]
    }
  }
  return {
    point: Float64Array.of(x),
    value: fx,
    iterations,
    evaluations: iterations + 1,
    converged,
  }
}
