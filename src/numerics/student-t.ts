/**
 * The standard Student-t distribution; location and scale are the caller's.
 *
 * Degrees of freedom may be any positive number; `Infinity` is the normal distribution.
 */
import { exp, log, log1p } from './elementary.ts'
import { normalCdf, normalDensity, normalQuantile } from './normal.ts'
import type { Random } from './random.ts'
import { betaFraction, logGammaHalfStep } from './special.ts'

export { fitStudentT, type StudentTFit } from './student-t-fit.ts'

const LOG_ROOT_TWO_PI = 0.9189385332046728
const ROOT_PI = 1.772453850905516
/** Above this the normal approximation of the distribution function is exact to 1e-15. */
const NEARLY_NORMAL = 10_000
const NEWTON_LIMIT = 100

/**
 * log f(z). Subtract the log of the scale for a scaled variable.
 *
 * @param df Degrees of freedom, > 0.
 */
export function studentTLogDensity(z: number, df: number): number {
  if (df === Infinity) return -0.5 * z * z - LOG_ROOT_TWO_PI
  return studentTLogPeak(df) - 0.5 * (df + 1) * log1p((z * z) / df)
}

/** log f(0) = log Γ((ν + 1)/2) - log Γ(ν/2) - ½ log(πν). */
function studentTLogPeak(df: number): number {
  return df === Infinity ? -LOG_ROOT_TWO_PI : logGammaHalfStep(0.5 * df) - 0.5 * log(Math.PI * df)
}

/**
 * F(z), with small relative error in the lower tail too.
 *
 * @param df Degrees of freedom, > 0.
 */
export function studentTCdf(z: number, df: number): number {
  if (Number.isNaN(z) || !(df > 0)) return NaN
  const tail = lowerTail(Math.abs(z), df)
  return z > 0 ? 1 - tail : tail
}

/** F(-t) for t >= 0. */
function lowerTail(t: number, df: number): number {
  if (t === 0) return 0.5
  if (df > NEARLY_NORMAL) return normalCdf(-equivalentNormal(t, df))
  const square = t * t
  if (square === Infinity) return exp(logFarTail(t, df))
  const x = df / (df + square)
  const front = t * exp(logGammaHalfStep(0.5 * df) - 0.5 * (df + 1) * log1p(square / df))
  const scaled = front / (ROOT_PI * Math.sqrt(df))
  if (x < (df + 2) / (df + 5)) return (scaled / df) * betaFraction(x, 0.5 * df, 0.5)
  return 0.5 - scaled * betaFraction(square / (df + square), 0.5, 0.5 * df)
}

/** log of the limit of F(-t) as t grows: f(0) ν^((ν - 1)/2) t^-ν; never below F(-t). */
function logFarTail(t: number, df: number): number {
  return studentTLogPeak(df) + 0.5 * (df - 1) * log(df) - df * log(t)
}

/** The normal deviate with the same tail as t >= 0. Source: Hill 1970, CACM Algorithm 395. */
function equivalentNormal(t: number, df: number): number {
  if (df === Infinity) return t
  const a = df - 0.5
  const b = 48 * a * a
  const y = a * log1p((t * t) / df)
  const third = (((0.4 * y + 3.3) * y + 24) * y + 85.5) / (0.8 * y * y + 100 + b)
  return Math.sqrt(y) * (1 + (y + 3 - third) / b)
}

/**
 * z with F(z) = p.
 *
 * @param df Degrees of freedom, > 0.
 * @returns ∓Infinity at 0 and 1; NaN outside.
 *
 * Newton's method on F in the body and on log F against log(-z) in the tail: F is convex below 0
 * and log F is concave there, so after at most one overshoot the steps approach from one side.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1) || !(df > 0)) {
    return p === 0 ? -Infinity : p === 1 ? Infinity : NaN
  }
  if (df === Infinity) return normalQuantile(p)
  if (p === 0.5) return 0
  if (p > 0.5) return tailQuantile(1 - p, df)
  return -tailQuantile(p, df)
}

/** t > 0 with F(-t) = p < ½. */
function tailQuantile(p: number, df: number): number {
  return p < 0.05 ? farQuantile(p, df) : bodyQuantile(p, df)
}

function bodyQuantile(p: number, df: number): number {
  let t = Math.max(0, expandedQuantile(p, df))
  let previous = Infinity
  for (let step = 0; step < NEWTON_LIMIT; step++) {
    const change = (lowerTail(t, df) - p) / exp(studentTLogDensity(t, df))
    // Once the steps stop shrinking only rounding is left.
    if (Math.abs(change) >= previous) break
    t = Math.max(0, t + change)
    if (Math.abs(change) <= 1e-16 * t) break
    previous = Math.abs(change) < 1e-9 ? Math.abs(change) : Infinity
  }
  return t
}

function farQuantile(p: number, df: number): number {
  const logP = log(p)
  let u = df < 10 ? (logFarTail(1, df) - logP) / df : log(Math.max(1, expandedQuantile(p, df)))
  let previous = Infinity
  for (let step = 0; step < NEWTON_LIMIT; step++) {
    const t = exp(u)
    const tail = lowerTail(t, df)
    if (tail === 0 || t === Infinity) break
    const slope = (t * exp(studentTLogDensity(t, df))) / tail
    const change = slope === 0 ? 0 : (log(tail) - logP) / slope
    if (Math.abs(change) >= previous) break
    u += change
    if (Math.abs(change) < 1e-16) break
    previous = Math.abs(change) < 1e-9 ? Math.abs(change) : Infinity
  }
  return exp(u)
}

/** Cornish–Fisher start (Abramowitz & Stegun 26.7.5): good unless df is small and p far out. */
function expandedQuantile(p: number, df: number): number {
  const x = -normalQuantile(p)
  const s = x * x
  const first = (x * (s + 1)) / 4
  const second = (x * (3 + s * (16 + 5 * s))) / 96
  return x + (first + second / df) / df
}

/**
 * Continuous ranked probability score of the standard Student-t forecast for outcome z. Multiply
 * by the scale for a scaled forecast.
 *
 * @param df Degrees of freedom, > 1.
 *
 * Source: Jordan, Krüger & Lerch 2019, "Evaluating probabilistic forecasts with scoringRules".
 */
export function studentTCrps(z: number, df: number): number {
  if (!(df > 1)) return NaN
  // 2F(z) - 1 without the cancellation at 0.
  const size = Math.abs(z)
  const spread = size * (1 - 2 * lowerTail(size, df))
  if (df === Infinity) return spread + 2 * normalDensity(z) - 1 / ROOT_PI
  const density = exp(studentTLogDensity(z, df))
  return spread + (2 * density * (df + z * z)) / (df - 1) - selfDistance(df)
}

/** Half the mean distance of two draws: 2√ν B(½, ν - ½) / ((ν - 1) B(½, ν/2)²). */
function selfDistance(df: number): number {
  const logRatio = 2 * logGammaHalfStep(0.5 * df) - logGammaHalfStep(df - 0.5)
  return (2 * Math.sqrt(df) * exp(logRatio)) / ((df - 1) * ROOT_PI)
}

/**
 * A draw from the standard Student-t distribution.
 *
 * Source: Bailey 1994, the polar method.
 */
export function drawStudentT(random: Random, df: number): number {
  if (df === Infinity) return random.normal()
  for (;;) {
    const u = 2 * random.uniform() - 1
    const v = 2 * random.uniform() - 1
    const s = u * u + v * v
    if (s > 1 || s === 0) continue
    return u * Math.sqrt((df * (exp((-2 / df) * log(s)) - 1)) / s)
  }
}
