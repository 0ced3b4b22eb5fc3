/** The standard normal distribution. */
import { exp, log } from './elementary.ts'
import { erfc } from './special.ts'

const INVERSE_ROOT_TWO_PI = 0.3989422804014327

/** φ(z). */
export function normalDensity(z: number): number {
  return INVERSE_ROOT_TWO_PI * exp(-0.5 * z * z)
}

/** Φ(z), with small relative error in the lower tail too. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z * Math.SQRT1_2)
}

/**
 * z with Φ(z) = p.
 *
 * @returns ∓Infinity at 0 and 1; NaN outside. Relative error below 1e-14.
 *
 * Source: starting value of Abramowitz & Stegun 26.2.23, then Halley's method on Φ.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p === 0.5) return 0
  let z = roughLowerQuantile(p)
  for (let step = 0; step < 3; step++) {
    const density = normalDensity(z)
    if (density === 0) break
    const newton = (normalCdf(z) - p) / density
    z -= newton / (1 + 0.5 * z * newton)
    if (Math.abs(newton) < 1e-6) break
  }
  return z
}

/** Within 4.5e-4 of the quantile, for p < ½. */
function roughLowerQuantile(p: number): number {
  const t = Math.sqrt(-2 * log(p))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return above / below - t
}
