/**
 * exp, log and their kin from + - * / and exact scaling alone, so that every JavaScript engine and
 * machine gives the same bits. The built-in ones may differ by an ulp between engines.
 *
 * Errors in ulp of the result: exp, log, log1p, expm1 below 1, tanh below 1.5, pow below 1 while the
 * result is a normal number. `test/parity/numerics-elementary.test.ts` holds them to it.
 */

/** 2^k for every k that has an exact double, k = -1074 … 1023, at index k + 1074. */
const POWER_OF_TWO = powersOfTwo()
const LOWEST_EXPONENT = -1074

/** 2^(j/32), j = 0 … 31, as pairs of the nearest double and what it misses. */
const ROOT_OF_TWO = new Float64Array([
  1.0,
  0.0,
  1.0218971486541166,
  5.109225028973444e-17,
  1.0442737824274138,
  8.551889705537965e-17,
  1.0671404006768237,
  -7.899853966841582e-17,
  1.0905077326652577,
  -3.046782079812471e-17,
  1.1143867425958924,
  1.0410278456845571e-16,
  1.1387886347566916,
  8.912812676025408e-17,
  1.1637248587775775,
  3.8292048369240935e-17,
  1.189207115002721,
  3.982015231465646e-17,
  1.215247359980469,
  -7.712630692681488e-17,
  1.241857812073484,
  4.658027591836937e-17,
  1.2690509571917332,
  2.667932131342186e-18,
  1.2968395546510096,
  2.5382502794888315e-17,
  1.3252366431597413,
  -2.8587312100388614e-17,
  1.3542555469368927,
  7.70094837980299e-17,
  1.383909881963832,
  -6.770511658794786e-17,
  Math.SQRT2,
  -9.667293313452913e-17,
  1.4451808069770467,
  -3.0237581349939873e-17,
  1.4768261459394993,
  -3.483994556892796e-17,
  1.5091644275934228,
  -1.016455327754295e-16,
  1.5422108254079407,
  7.949834809697621e-17,
  1.5759808451078865,
  -1.0136916471278304e-17,
  1.6104903319492543,
  2.4707192569797888e-17,
  1.645755478153965,
  -1.0125679913674773e-16,
  1.681792830507429,
  8.199010020581497e-17,
  1.718619298122478,
  -1.851380418263111e-17,
  1.7562521603732995,
  2.960140695448873e-17,
  1.7947090750031072,
  1.8227458427912087e-17,
  1.8340080864093424,
  3.283107224245627e-17,
  1.8741676341103,
  -6.122763413004143e-17,
  1.9152065613971474,
  -1.0619946056195963e-16,
  1.9571441241754002,
  8.960767791036668e-17,
])

/** 32 / ln 2, and ln 2 / 32 split so that its first part times any step count is exact. */
const STEPS_PER_UNIT = 46.16624130844683
const STEP_HIGH = 0.021660849392446835
const STEP_LOW = 5.145609244655338e-14
/** Adding and subtracting 1.5 · 2^52 rounds a double below 2^51 to the nearest integer. */
const ROUNDER = 6755399441055744

/** ln 2, split so that its first part times any exponent is exact. */
const LN2_HIGH = 0.6931471805582987
const LN2_LOW = 1.6465949582897082e-12

/** Upper 32 bits of sqrt(1/2): counting exponents from here puts mantissas in [√½, √2). */
const SQRT_HALF_BITS = 0x3fe6a09e

const LARGEST_EXP = 709.782712893384
const SMALLEST_EXP = -745.1332191019412
const TWO_TO_54 = 18014398509481984

const floatView = new Float64Array(1)
const wordView = new Uint32Array(floatView.buffer)
const HIGH_WORD = highWordIndex()

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2098)
  let power = 1
  for (let k = 0; k <= 1023; k++, power *= 2) powers[k + 1074] = power
  power = 1
  for (let k = 0; k >= -1074; k--, power *= 0.5) powers[k + 1074] = power
  return powers
}

/** Where the sign and exponent lie in a pair of words; depends on the machine's byte order. */
function highWordIndex(): 0 | 1 {
  floatView[0] = 1
  return wordView[1] === 0 ? 0 : 1
}

function powerOfTwo(k: number): number {
  return POWER_OF_TWO[k - LOWEST_EXPONENT] as number
}

/** mantissa · 2^k where the result may overflow or be subnormal; mantissa in [0.9, 2.1]. */
function scaleByPowerOfTwo(mantissa: number, k: number): number {
  if (k > 1023) return mantissa * powerOfTwo(k - 1) * 2
  if (k >= -1022) return mantissa * powerOfTwo(k)
  return mantissa * powerOfTwo(k + 100) * powerOfTwo(-100)
}

/** The exponent k that puts a positive normal x in [2^k·√½, 2^k·√2). */
function exponentAboutOne(x: number): number {
  floatView[0] = x
  return ((wordView[HIGH_WORD] as number) - SQRT_HALF_BITS) >> 20
}

/**
 * e^x.
 *
 * @returns `Infinity` above 709.78, 0 below -745.13, NaN for NaN. Error below 1 ulp.
 *
 * Source: table-driven reduction to |r| <= ln 2 / 64, Tang 1989.
 */
export function exp(x: number): number {
  if (!(x <= LARGEST_EXP)) return x > 0 ? Infinity : NaN
  if (x < SMALLEST_EXP) return 0
  return expOfSum(x, 0)
}

/** e^(x + tail) within the range of doubles, |tail| far below an ulp of 1. */
function expOfSum(x: number, tail: number): number {
  const steps = x * STEPS_PER_UNIT + ROUNDER - ROUNDER
  const r = x - steps * STEP_HIGH - (steps * STEP_LOW - tail)
  const rise = expm1OfStep(r)
  const j = (steps & 31) << 1
  const root = ROOT_OF_TWO[j] as number
  const mantissa = root + (root * rise + (ROOT_OF_TWO[j + 1] as number))
  const k = steps >> 5
  if (k > 1023 || k < -1022) return scaleByPowerOfTwo(mantissa, k)
  return mantissa * powerOfTwo(k)
}

/** e^r - 1 for |r| <= ln 2 / 64, by its Taylor series; truncation below 2^-58 of 1. */
function expm1OfStep(r: number): number {
  const square = r * r
  const odd = 1 / 6 + square * (1 / 120)
  const even = 0.5 + square * (1 / 24 + square * (1 / 720))
  return r + square * (even + r * odd)
}

/**
 * e^x - 1, accurate also where e^x is close to 1.
 *
 * @returns `Infinity` above 709.78, -1 below -38, ±0 for ±0, NaN for NaN. Error below 1 ulp.
 */
export function expm1(x: number): number {
  if (!(x <= LARGEST_EXP)) return x > 0 ? Infinity : NaN
  if (x < -38) return -1
  if (x > 40) return expOfSum(x, 0)
  if (x < 0.125 && x > -0.125) return expm1OfSmall(x)
  const steps = x * STEPS_PER_UNIT + ROUNDER - ROUNDER
  const rise = expm1OfStep(x - steps * STEP_HIGH - steps * STEP_LOW)
  const j = (steps & 31) << 1
  const scale = powerOfTwo(steps >> 5)
  const root = (ROOT_OF_TWO[j] as number) * scale
  const difference = root - 1
  const lost = root > 1 ? root - difference - 1 : root - (difference + 1)
  return difference + (root * rise + ((ROOT_OF_TWO[j + 1] as number) * scale + lost))
}

/** Taylor series for |x| < 1/8; truncation below 2^-60 of x. */
function expm1OfSmall(x: number): number {
  if (x < 1e-17 && x > -1e-17) return x
  const s = x * x
  const even = 1 / 2 + s * (1 / 24 + s * (1 / 720 + s * (1 / 40320 + s * (1 / 3628800))))
  const odd = 1 / 6 + s * (1 / 120 + s * (1 / 5040 + s * (1 / 362880 + s * (1 / 39916800))))
  return x + s * (even + x * odd)
}

/**
 * Natural logarithm.
 *
 * @returns `-Infinity` for ±0, NaN below zero and for NaN, `Infinity` for `Infinity`. Error below
 *   1 ulp.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return Infinity
  if (x < 2.2250738585072014e-308) return logOfScaled(x * TWO_TO_54, -54, 0)
  return logOfScaled(x, 0, 0)
}

/** log(x · 2^shift) + relative, for a positive normal x; `relative` is far below 1. */
function logOfScaled(x: number, shift: number, relative: number): number {
  const k = exponentAboutOne(x)
  const f = x * powerOfTwo(-k) - 1
  return logOfOnePlus(f, k + shift, relative)
}

/**
 * k · ln 2 + log(1 + f) + tail, for f in [√½ - 1, √2 - 1].
 *
 * With s = f / (2 + f), log(1 + f) = 2 artanh(s) = 2s + s·R(s²); and since 2s = f - s·f,
 * f - f²/2 + s·(f²/2 + R) says the same with the leading term exact. R by Chebyshev fit,
 * error below 2^-64 of 1.
 */
function logOfOnePlus(f: number, k: number, tail: number): number {
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const odd =
    0.4000000000000088 +
    w * (0.2222222239180047 + w * (0.15386240205813478 + w * 0.13086767009948175))
  const even =
    0.6666666666666666 +
    w * (0.2857142857080323 + w * (0.18181795630884753 + w * 0.13268759668560612))
  const half = 0.5 * f * f
  const small = s * (half + z * (even + z * odd))
  if (k === 0) return f - (half - (small + tail))
  return k * LN2_HIGH - (half - (small + (k * LN2_LOW + tail)) - f)
}

/**
 * log(1 + x), accurate also for tiny x.
 *
 * @returns `-Infinity` for -1, NaN below, ±0 for ±0. Error below 1 ulp.
 */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN
  if (x < 1e-17 && x > -1e-17) return x
  if (x >= Math.SQRT1_2 - 1 && x <= Math.SQRT2 - 1) return logOfOnePlus(x, 0, 0)
  if (x > TWO_TO_54) return log(x)
  const sum = 1 + x
  const lost = x > 1 ? 1 - (sum - x) : x - (sum - 1)
  return logOfScaled(sum, 0, lost / sum)
}

/**
 * Hyperbolic tangent.
 *
 * @returns ±1 beyond ±22, ±0 for ±0. Error below 1.5 ulp.
 */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (size < 1e-9) return x
  if (size < 0.55) return x - x * tanhShortfall(x * x)
  if (size > 22) return x > 0 ? 1 : -1
  const magnitude = 1 - 2 / (exp(2 * size) + 1)
  return x < 0 ? -magnitude : magnitude
}

/** 1 - tanh(√z) / √z on [0, 0.3025]; Chebyshev fit, error below 2^-58 of 1. */
function tanhShortfall(z: number): number {
  const w = z * z
  let even = 2.0602765376366296e-5
  even = 0.00023463474108872368 + w * even
  even = 0.001455661830100716 + w * even
  even = 0.008863234397814355 + w * even
  even = 0.053968253967434016 + w * even
  even = 0.3333333333333333 + w * even
  let odd = -8.511313685577664e-5
  odd = -0.0005889360520074057 + w * odd
  odd = -0.003592110378689024 + w * odd
  odd = -0.021869488493666944 + w * odd
  odd = -0.13333333333332714 + w * odd
  return z * (even + z * odd)
}

/**
 * x^y, with the special cases of the language's own operator: `pow(x, 0)` is 1 even for NaN,
 * `pow(±1, ±Infinity)` is NaN, a negative base needs an integer exponent.
 *
 * Exact where the result is exact and the operands are small; error below 1 ulp for normal results.
 * The logarithm is carried to about 100 bits.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN
  const size = Math.abs(x)
  if (size === 1 && (y === Infinity || y === -Infinity)) return NaN
  const odd = isOddInteger(y)
  if (x < 0 && x !== -Infinity && !Number.isInteger(y) && Math.abs(y) !== Infinity) return NaN
  const magnitude = powOfPositive(size, y)
  return odd && (x < 0 || Object.is(x, -0)) ? -magnitude : magnitude
}

function isOddInteger(y: number): boolean {
  return Number.isInteger(y) && y % 2 !== 0
}

function powOfPositive(x: number, y: number): number {
  if (x === 1) return 1
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity
  if (y === Infinity || y === -Infinity) return x > 1 === y > 0 ? Infinity : 0
  return x < 2.2250738585072014e-308 ? expOfProduct(x * TWO_TO_54, -54, y) : expOfProduct(x, 0, y)
}

/** (x · 2^shift)^y by double-double arithmetic: s = (m - 1)/(m + 1), log = k ln 2 + 2 artanh(s). */
function expOfProduct(x: number, shift: number, y: number): number {
  const k0 = exponentAboutOne(x)
  const f = x * powerOfTwo(-k0) - 1
  const k = k0 + shift
  // s, exact to about 106 bits.
  const sum = 2 + f
  const sumLow = f - (sum - 2)
  const s = f / sum
  const p = s * sum
  const sLow = (f - p - productError(s, sum, p) - s * sumLow) / sum
  // z = s² and q = 2/3 + z · (2/5 + …), so that log(1 + f) = 2s + s · z · q.
  const z = s * s
  const zLow = productError(s, s, z) + 2 * s * sLow
  const series = z * artanhTail(z)
  const q = 0.6666666666666666 + series
  const qLow = 0.6666666666666666 - q + series + 3.700743415417188e-17
  const zq = z * q
  const zqLow = productError(z, q, zq) + z * qLow + zLow * q
  const cube = s * zq
  const cubeLow = productError(s, zq, cube) + s * zqLow + sLow * zq
  // high + low = log x; |k · ln 2| leads when k is not 0, and 2s leads the cube.
  const lead = 2 * s + cube
  const leadLow = 2 * s - lead + cube + (2 * sLow + cubeLow)
  const base = k * LN2_HIGH
  const high = base + lead
  const low = (k === 0 ? 0 : base - high + lead) + (leadLow + k * LN2_LOW)
  return expOfScaledPair(high, low, y)
}

/** exp((high + low) · y) with the product carried in two parts. */
function expOfScaledPair(high: number, low: number, y: number): number {
  const product = high * y
  if (product > 709.79) return Infinity
  if (product < -745.2) return 0
  if (Math.abs(y) > 1e20 || Math.abs(y) < 1e-20) return exp(product)
  return expOfSum(product, productError(high, y, product) + low * y)
}

/** 2/5 + 2/7 z + … = ((2 artanh √z / √z - 2) / z - 2/3) / z on [0, 0.0295]; Chebyshev fit. */
function artanhTail(z: number): number {
  let sum = 0.10762424419564845
  sum = 0.10456327269484508 + z * sum
  sum = 0.11766813121034213 + z * sum
  sum = 0.13333296534432942 + z * sum
  sum = 0.15384615761170173 + z * sum
  sum = 0.18181818179656925 + z * sum
  sum = 0.2222222222222843 + z * sum
  sum = 0.28571428571428564 + z * sum
  return 0.4 + z * sum
}

/** a · b - product exactly, where product is a · b rounded (Dekker 1971, Veltkamp's splitting). */
function productError(a: number, b: number, product: number): number {
  const aWide = a * 134217729
  const aHigh = aWide - (aWide - a)
  const aLow = a - aHigh
  const bWide = b * 134217729
  const bHigh = bWide - (bWide - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}
