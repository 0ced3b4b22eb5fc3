/** Day-by-day differences of two forecasts' losses, and how far apart they still correlate. */

export interface LossOptions {
  /** Sessions ahead of the forecasts, >= 1: h-session outcomes overlap on h - 1 days. */
  readonly horizon: number
  /** Bartlett lag of the variance; default max(horizon - 1, 5), never above n - 1. */
  readonly lag?: number
}

/**
 * A's losses minus B's [n].
 *
 * @throws {RangeError} On different lengths.
 */
export function lossPairs(lossA: Float64Array, lossB: Float64Array): Float64Array {
  if (lossA.length !== lossB.length) {
    throw new RangeError(
      `Losses must be of the same days, received ${lossA.length} and ${lossB.length} of them`,
    )
  }
  return lossA.map((loss, i) => loss - (lossB[i] as number))
}

/** @throws {RangeError} When horizon or lag is not a whole number in range. */
export function lossLag(
  { horizon, lag = Math.max(horizon - 1, 5) }: LossOptions,
  n: number,
): number {
  if (!(Number.isInteger(horizon) && horizon >= 1 && Number.isInteger(lag) && lag >= 0)) {
    throw new RangeError(`Expected horizon >= 1 and lag >= 0, received ${horizon} and ${lag}`)
  }
  return Math.max(0, Math.min(lag, n - 1))
}
