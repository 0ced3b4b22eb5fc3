/**
 * Losses of the network's raw outputs, each with its analytic gradient, and the links that turn raw
 * outputs into parameters of a distribution.
 */
import { exp, log, log1p } from '../numerics/elementary.ts'
import { digamma, logGammaHalfStep } from '../numerics/special.ts'

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

/** Negative log-likelihood of a Student-t; raw outputs location, scale, degrees of freedom. */
const studentTLoss: Loss = {
  spec: { kind: 'student-t' },
  outputSize: 3,
  neutralOutputs: [0, RAW_UNIT_SCALE, RAW_FIVE_DEGREES],
  evaluate(raw, at, target, gradient) {
    const rawScale = raw[at + 1] as number
    const rawDegrees = raw[at + 2] as number
    const scale = scaleLink(rawScale)
    const nu = degreesOfFreedomLink(rawDegrees)
    const half = (nu + 1) / 2
    const z = (target - (raw[at] as number)) / scale
    const ratio = (z * z) / nu
    const tail = log1p(ratio)
    const pull = (2 * half * z) / (nu + z * z)
    const byDegrees =
      0.5 * (digamma(nu / 2) - digamma(half) + 1 / nu + tail - (2 * half * ratio) / (nu + z * z))
    gradient[at] = -pull / scale
    gradient[at + 1] = ((1 - pull * z) / scale) * logistic(rawScale)
    gradient[at + 2] = byDegrees * logistic(rawDegrees)
    return 0.5 * log(nu) - logGammaHalfStep(nu / 2) + HALF_LOG_PI + log(scale) + half * tail
  },
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
