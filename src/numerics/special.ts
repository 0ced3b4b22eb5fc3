/** Special functions behind the distributions: gamma, error function, incomplete gamma and beta. */
import { exp, log, log1p } from './elementary.ts'

const HALF_LOG_TWO_PI = 0.9189385332046728
const ITERATION_LIMIT = 10_000
const EPSILON = 2.220446049250313e-16
/** Stands in for a zero denominator in Lentz's method. */
const TINY = 1e-300

/**
 * log Γ(x) for x > 0.
 *
 * @returns `Infinity` at 0 and at `Infinity`; NaN below 0. Error below 8e-15 of max(1, |log Γ|).
 *
 * Source: Stirling's series from 8 upwards; the recurrence Γ(x + 1) = x Γ(x) below.
 */
export function lgamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN
  if (x === 1 || x === 2) return 0
  if (x === Infinity) return Infinity
  let shifted = x
  let product = 1
  while (shifted < 8) product *= shifted++
  const stirling =
    (shifted - 0.5) * log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingTail(shifted)
  return product === 1 ? stirling : stirling - log(product)
}

/** Σ B₂ₖ / (2k (2k - 1) x^(2k-1)), k = 1 … 7. */
function stirlingTail(x: number): number {
  const w = 1 / (x * x)
  const inner = 1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * (691 / 360360 - w * (1 / 156))))
  return (1 / 12 - w * (1 / 360 - w * inner)) / x
}

/**
 * ψ(x), the derivative of log Γ, for x > 0.
 *
 * @returns `-Infinity` at 0; NaN below. Error below 1e-14 of max(1, |ψ|).
 */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  let shifted = x
  let sum = 0
  while (shifted < 8) sum += 1 / shifted++
  const w = 1 / (shifted * shifted)
  const inner = 1 / 252 - w * (1 / 240 - w * (1 / 132 - w * (691 / 32760 - w * (1 / 12))))
  return log(shifted) - 0.5 / shifted - w * (1 / 12 - w * (1 / 120 - w * inner)) - sum
}

/** log Γ(x + ½) - log Γ(x) for x > 0, without the cancellation of two large logarithms. */
export function logGammaHalfStep(x: number): number {
  let shifted = x
  let ratio = 1
  while (shifted < 10) {
    ratio *= shifted / (shifted + 0.5)
    shifted += 1
  }
  const w = 1 / (shifted * shifted)
  const far = 17 / 14336 - w * (31 / 18432 - w * (691 / 180224 - w * (5461 / 425984)))
  const tail = (1 / 8 - w * (1 / 192 - w * (1 / 640 - w * far))) / shifted
  return log(Math.sqrt(shifted) * ratio) - tail
}

/**
 * The error function.
 *
 * @returns ±1 beyond ±6. Error below 2 ulp.
 */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (size < 0.5) return x * erfSeries(x * x)
  if (size > 6) return x > 0 ? 1 : -1
  const magnitude = 1 - erfcOfLarge(size)
  return x < 0 ? -magnitude : magnitude
}

/** 1 - erf(x), accurate far into the upper tail: relative error below 2e-15 while normal. */
export function erfc(x: number): number {
  const size = Math.abs(x)
  if (size < 0.5) return 1 - x * erfSeries(x * x)
  return x > 0 ? erfcOfLarge(x) : 2 - erfcOfLarge(size)
}

/** erf(√z) / √z on [0, ¼]; Chebyshev fit, error below 2^-60 of 1. */
function erfSeries(z: number): number {
  let sum = -1.462091340945174e-7
  sum = 1.637123442577e-6 + z * sum
  sum = -1.4923003368152099e-5 + z * sum
  sum = 0.00012055286202005714 + z * sum
  sum = -0.0008548326510724796 + z * sum
  sum = 0.0052239776220169365 + z * sum
  sum = -0.02686617064499972 + z * sum
  sum = 0.1128379167095487 + z * sum
  sum = -0.3761263890318375 + z * sum
  return 1.1283791670955126 + z * sum
}

/** Chebyshev coefficients of (1 + 2x) exp(x²) erfc(x) in t = (x - 4) / (x + 3), x in [½, ∞). */
const SCALED_ERFC = new Float64Array([
  1.2131177209271748, -0.07225473646563542, -0.02632189276459184, 0.019186588533428105,
  -0.006682350310928109, 0.0015522847050575515, -0.00023571658348154882, 1.5690562205135226e-5,
  2.153875719667181e-6, -6.012574627859283e-7, 1.3854950323746626e-8, 1.3575814484993745e-8,
  -1.3070972098097831e-9, -3.06373327557849e-10, 5.062873791614194e-11, 8.050230187118965e-12,
  -1.74987484220058e-12, -2.6365750400882025e-13, 5.909950702659242e-14, 1.0548914766564293e-14,
  -1.9235530211488676e-15, -4.764157943707682e-16, 5.502036001020429e-17, 2.2407847347890268e-17,
])

/** erfc(x) for x >= ½; the square's rounding error is put back, as exp would magnify it. */
function erfcOfLarge(x: number): number {
  if (x > 27.3) return 0
  const t = (x - 4) / (x + 3)
  let ahead = 0
  let current = 0
  for (let k = SCALED_ERFC.length - 1; k > 0; k--) {
    const next = 2 * t * current - ahead + (SCALED_ERFC[k] as number)
    ahead = current
    current = next
  }
  const scaled = t * current - ahead + (SCALED_ERFC[0] as number)
  const top = Math.floor(x * 65536) / 65536
  const gaussian = exp(-top * top) * exp(-(x - top) * (x + top))
  return (gaussian * scaled) / (1 + 2 * x)
}

/** P(a, x): the share of the gamma(a) distribution below x; a > 0, x >= 0. */
export function regularisedGammaP(a: number, x: number): number {
  assertGammaArguments(a, x)
  if (x === 0) return 0
  if (x === Infinity) return 1
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x)
}

/** Q(a, x) = 1 - P(a, x), accurate in the upper tail. */
export function regularisedGammaQ(a: number, x: number): number {
  assertGammaArguments(a, x)
  if (x === 0) return 1
  if (x === Infinity) return 0
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x)
}

function assertGammaArguments(a: number, x: number): void {
  if (a > 0 && x >= 0) return
  throw new RangeError(`Incomplete gamma needs a > 0 and x >= 0, received a = ${a}, x = ${x}`)
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < ITERATION_LIMIT && term > sum * EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum * exp(a * log(x) - x - lgamma(a))
}

/** The continued fraction of Γ(a, x) by Lentz's method. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let value = d
  for (let n = 1; n < ITERATION_LIMIT; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / awayFromZero(numerator * d + b)
    c = awayFromZero(b + numerator / c)
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) <= EPSILON) break
  }
  return value * exp(a * log(x) - x - lgamma(a))
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/** I(x; a, b): the share of the beta(a, b) distribution below x; a, b > 0, 0 <= x <= 1. */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) {
    throw new RangeError(
      `Incomplete beta needs a, b > 0 and x in [0, 1], received a = ${a}, b = ${b}, x = ${x}`,
    )
  }
  if (x === 0 || x === 1) return x
  const logBeta = lgamma(a) + lgamma(b) - lgamma(a + b)
  const front = exp(a * log(x) + b * log1p(-x) - logBeta)
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a
  return 1 - (front * betaFraction(1 - x, b, a)) / b
}

/**
 * The continued fraction of the incomplete beta function by Lentz's method:
 * I(x; a, b) = x^a (1 - x)^b / (a B(a, b)) times it; quick for x < (a + 1) / (a + b + 2).
 */
export function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m < ITERATION_LIMIT; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    const factor = d * c
    value *= factor
    if (Math.abs(factor - 1) <= EPSILON) break
  }
  return value
}
