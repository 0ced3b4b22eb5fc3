/** What every model answers: the distribution of the h-session log return, and what follows from it. */

/** Student-t with location and scale of the log return; `degreesOfFreedom` may be large (normal). */
export interface StudentTDistribution {
  readonly location: number
  /** > 0; the scale parameter, not the standard deviation. */
  readonly scale: number
  /** > 1. */
  readonly degreesOfFreedom: number
}

export interface Forecast {
  readonly symbol: string
  /** Last session known to the forecaster, days since 1970-01-01. */
  readonly asOf: number
  /** Sessions ahead: the return runs from the close of `asOf` to the close of the h-th next session. */
  readonly horizon: number
  /** Of the natural-log price return over the horizon. */
  readonly distribution: StudentTDistribution
  /** Close of `asOf`, in the basis of the bars. */
  readonly referenceClose: number
}
