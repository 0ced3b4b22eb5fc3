/**
 * Losses of the network's raw outputs, each with its analytic gradient, and the links that turn raw
 * outputs into parameters of a distribution.
 */
import { exp, log, log1p } from '../numerics/elementary.ts'

/** A loss, as plain data: what a stored model remembers. */
export type LossSpec =
  | { readonly kind: 'student-t' }
  | { readonly kind: 'gaussian' }
  | { readonly kind: 'squared-error' }
  /** `levels` in (0, 1), ascending: one output per quantile. */
  | { readonly kind: 'pinball'; readonly levels: readonly number[] }

export interface Loss {
  readonly spec: LossSpec
  /** K: raw outputs it reads. */
  readonly outputSize: number
  /** Raw outputs to start from [K]: location 0, scale 1, 5 degrees of freedom. */
  readonly neutralOutputs: readonly number[]
  /**
   * The loss of one window.
   *
   * @param raw      Raw outputs; the window's K begin at `at`.
   * @param target   What came, in the unit of the location.
   * @param gradient Receives the derivatives by the raw outputs, K from `at`.
   */
  evaluate(raw: Float64Array, at: number, target: number, gradient: Float64Array): number
}

/** Smallest scale that a link gives, in units of the (standardised) target. */
export const SCALE_FLOOR = 1e-4
/** Degrees of freedom stay above this, so that the variance exists. */
export const DEGREES_OF_FREEDOM_FLOOR = 2.05

const HALF_LOG_PI = 0.5723649429247001
const HALF_LOG_TWO_PI = 0.9189385332046728
/** Where softplus reaches 1 - SCALE_FLOOR and 5 - DEGREES_OF_FREEDOM_FLOOR. */
const RAW_UNIT_SCALE = softplusInverse(1 - SCALE_FLOOR)
const RAW_FIVE_DEGREES = softplusInverse(5 - DEGREES_OF_FREEDOM_FLOOR)

/** log(1 + eˣ), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
}

function softplusInverse(y: number): number {
  return y + log(1 - exp(-y))
}

/** Derivative of softplus. */
function logistic(x: number): number {
  return 1 / (1 + exp(-x))
}

/** Scale from its raw output: softplus above `SCALE_FLOOR`. */
export function scaleLink(raw: number): number {
  return SCALE_FLOOR + softplus(raw)
}

/** Degrees of freedom from their raw output: softplus above `DEGREES_OF_FREEDOM_FLOOR`. */
export function degreesOfFreedomLink(raw: number): number {
  return DEGREES_OF_FREEDOM_FLOOR + softplus(raw)
}

/** The loss that a spec names. @throws {RangeError} On quantile levels out of order or range. */
export function createLoss(spec: LossSpec): Loss {
  switch (spec.kind) {
    case 'student-t':
      return studentTLoss
    case 'gaussian':
      return gaussianLoss
    case 'squared-error':
      return squaredErrorLoss
    case 'pinball':
      return createPinballLoss(spec.levels)
  }
}

/**
 * Negative log-likelihood of a Student-t; raw outputs location, scale, degrees of freedom.
 *
 * With x = ν / 2 it needs log Γ(x + ½) - log Γ(x) and its derivative by x. Both are a series at an x
 * of 9 or more; below, `SHIFT` steps of the recurrence lead there, as products: few divisions, and one
 * logarithm for all that is constant in z.
 */
const studentTLoss: Loss = {
  spec: { kind: 'student-t' },
  outputSize: 3,
  neutralOutputs: [0, RAW_UNIT_SCALE, RAW_FIVE_DEGREES],
  evaluate(raw, at, target, gradient) {
    const rawScale = raw[at + 1] as number
    const rawDegrees = raw[at + 2] as number
    const scaleDecay = exp(-Math.abs(rawScale))
    const degreesDecay = exp(-Math.abs(rawDegrees))
    const scale = SCALE_FLOOR + Math.max(0, rawScale) + log1p(scaleDecay)
    const nu = DEGREES_OF_FREEDOM_FLOOR + Math.max(0, rawDegrees) + log1p(degreesDecay)
    const z = (target - (raw[at] as number)) / scale
    const square = z * z
    const tail = log1p(square / nu)
    const pull = ((nu + 1) * z) / (nu + square)
    const x = nu / 2
    const near = x < SHIFTED
    const far = near ? x + SHIFT : x
    const w = 1 / (far * far)
    const slope = halfStepSlope(far, w) + (near ? shiftSlope(x) : 0)
    const byDegrees = 0.5 * (1 / nu - slope + tail - (pull * z) / nu)
    gradient[at] = -pull / scale
    gradient[at + 1] = ((1 - pull * z) / scale) * logisticOf(rawScale, scaleDecay)
    gradient[at + 2] = byDegrees * logisticOf(rawDegrees, degreesDecay)
    const front = scale * Math.sqrt(nu / far) * (near ? shiftRatio(x) : 1)
    return log(front) + halfStepTail(far, w) + HALF_LOG_PI + ((nu + 1) / 2) * tail
  },
}

/** Steps of the recurrence, and where its end lets the series below reach double precision. */
const SHIFT = 8
const SHIFTED = 9

/** ½ log x - (log Γ(x + ½) - log Γ(x)) from x = 9 up, w = x⁻². */
function halfStepTail(x: number, w: number): number {
  const far = 17 / 14336 - w * (31 / 18432 - w * (691 / 180224 - w * (5461 / 425984)))
  return (1 / 8 - w * (1 / 192 - w * (1 / 640 - w * far))) / x
}

/** ψ(x + ½) - ψ(x) from x = 9 up, w = x⁻². */
function halfStepSlope(x: number, w: number): number {
  const far = 119 / 14336 - w * (279 / 18432 - w * (7601 / 180224 - w * (70993 / 425984)))
  return 0.5 / x + w * (1 / 8 - w * (1 / 64 - w * (1 / 128 - w * far)))
}

/** Γ(x + ½ + n) Γ(x) / (Γ(x + n) Γ(x + ½)) for n = `SHIFT`. */
function shiftRatio(x: number): number {
  let upper = 1
  let lower = 1
  for (let i = 0; i < SHIFT; i++) {
    lower *= x + i
    upper *= x + i + 0.5
  }
  return upper / lower
}

/** Minus the derivative of the logarithm of `shiftRatio`: Σ 1 / (x + i) - 1 / (x + i + ½). */
function shiftSlope(x: number): number {
  let upper = 1
  let lower = 1
  let upperSlope = 0
  let lowerSlope = 0
  for (let i = 0; i < SHIFT; i++) {
    const low = x + i
    const high = low + 0.5
    lowerSlope = lowerSlope * low + lower
    upperSlope = upperSlope * high + upper
    lower *= low
    upper *= high
  }
  return lowerSlope / lower - upperSlope / upper
}

/** Derivative of softplus, given exp(-|x|). */
function logisticOf(x: number, decay: number): number {
  return (x > 0 ? 1 : decay) / (1 + decay)
}

/** Negative log-likelihood of a Gaussian; raw outputs mean, standard deviation. */
const gaussianLoss: Loss = {
  spec: { kind: 'gaussian' },
  outputSize: 2,
  neutralOutputs: [0, RAW_UNIT_SCALE],
  evaluate(raw, at, target, gradient) {
    const rawScale = raw[at + 1] as number
    const scale = scaleLink(rawScale)
    const z = (target - (raw[at] as number)) / scale
    gradient[at] = -z / scale
    gradient[at + 1] = ((1 - z * z) / scale) * logistic(rawScale)
    return HALF_LOG_TWO_PI + log(scale) + 0.5 * z * z
  },
}

const squaredErrorLoss: Loss = {
  spec: { kind: 'squared-error' },
  outputSize: 1,
  neutralOutputs: [0],
  evaluate(raw, at, target, gradient) {
    const error = (raw[at] as number) - target
    gradient[at] = 2 * error
    return error * error
  },
}

/**
 * Mean pinball loss over the levels; the raw outputs are the quantiles themselves, and nothing keeps
 * them from crossing: sort them before use. At a quantile's kink the derivative is that of below.
 */
function createPinballLoss(levels: readonly number[]): Loss {
  assertLevels(levels)
  const count = levels.length
  return {
    spec: { kind: 'pinball', levels },
    outputSize: count,
    neutralOutputs: levels.map(() => 0),
    evaluate(raw, at, target, gradient) {
      let sum = 0
      for (let k = 0; k < count; k++) {
        const level = levels[k] as number
        const error = target - (raw[at + k] as number)
        const slope = error >= 0 ? level : level - 1
        gradient[at + k] = -slope / count
        sum += slope * error
      }
      return sum / count
    },
  }
}

function assertLevels(levels: readonly number[]): void {
  const ascending = levels.every(
    (level, k) => level > (k === 0 ? 0 : (levels[k - 1] as number)) && level < 1,
  )
  if (ascending && levels.length > 0) return
  throw new RangeError(`Quantile levels must ascend between 0 and 1, not [${levels.join(', ')}]`)
}
