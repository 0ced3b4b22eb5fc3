/** How much more evidence a difference of the observed size would need. */
import { normalQuantile } from '../../numerics/normal.ts'
import { dieboldMariano } from './diebold-mariano.ts'
import { type LossOptions, lossDifference, meanWithError } from './loss-difference.ts'

export interface EvidenceOptions extends LossOptions {
  /** One-sided significance level. Default 0.05. */
  readonly level?: number
  /** Probability of reaching it if the difference is real. Default 0.8. */
  readonly power?: number
}

/**
 * About how many more sessions until A's advantage over B, if it stays as large and as noisy as it
 * was, would be significant with the given power.
 *
 * @returns 0 when it already is significant; `null` when there is no advantage, or its variance is
 *   undefined.
 * @throws {RangeError} On different lengths, a bad horizon or lag, a level outside (0, ½), or a
 *   power outside [½, 1).
 */
export function sessionsNeeded(
  lossA: Float64Array,
  lossB: Float64Array,
  options: EvidenceOptions,
): number | null {
  const { level = 0.05, power = 0.8 } = options
  if (!(level > 0 && level < 0.5 && power >= 0.5 && power < 1)) {
    throw new RangeError(`Expected level in (0, 0.5), power in [0.5, 1): ${level}, ${power}`)
  }
  const { p } = dieboldMariano(lossA, lossB, options)
  if (p !== null && p <= level) return 0
  const estimate = meanWithError(lossDifference(lossA, lossB), options)
  if (estimate === undefined || !(estimate.mean < 0)) return null
  const reach = (normalQuantile(1 - level) + normalQuantile(power)) * estimate.standardError
  const ratio = reach / estimate.mean
  return Math.max(1, Math.ceil(lossA.length * (ratio * ratio - 1)))
}
