/** What every model answers: the distribution of the h-session log return, and what follows from it. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import { exp } from '../numerics/elementary.ts'
import { studentTCdf, studentTQuantile } from '../numerics/student-t.ts'

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

export interface ForecastOrigin {
  readonly frame: FeatureFrame
  /** Row of the frame at whose close the forecast is made. */
  readonly at: number
  readonly horizon: number
  readonly distribution: StudentTDistribution
}

/** A forecast made at the close of a frame's row. @throws {RangeError} When the row is not there. */
export function createForecast(origin: ForecastOrigin): Forecast {
  const { frame, at, horizon, distribution } = origin
  const asOf = frame.date[at]
  const referenceClose = frame.close[at]
  if (asOf === undefined || referenceClose === undefined) {
    throw new RangeError(
      `Row ${at} is outside the frame of ${frame.symbol}: 0…${frame.date.length - 1}`,
    )
  }
  return { symbol: frame.symbol, asOf, horizon, distribution, referenceClose }
}

/** The log return below which the outcome falls with probability `p`, 0 < p < 1. */
export function returnQuantile(forecast: Forecast, p: number): number {
  const { location, scale, degreesOfFreedom } = forecast.distribution
  return location + scale * studentTQuantile(p, degreesOfFreedom)
}

/** The same as a price, in the basis of the reference close. */
export function priceQuantile(forecast: Forecast, p: number): number {
  return forecast.referenceClose * exp(returnQuantile(forecast, p))
}

/** Central price interval that holds the outcome with probability `level`, 0 < level < 1. */
export function priceInterval(forecast: Forecast, level: number): readonly [number, number] {
  const tail = (1 - level) / 2
  return [priceQuantile(forecast, tail), priceQuantile(forecast, 1 - tail)]
}

/** Probability that the log return is at most `value`. */
export function returnProbability(forecast: Forecast, value: number): number {
  const { location, scale, degreesOfFreedom } = forecast.distribution
  return studentTCdf((value - location) / scale, degreesOfFreedom)
}

/** Probability that the close is higher after the horizon than at `asOf`. */
export function probabilityOfRise(forecast: Forecast): number {
  return 1 - returnProbability(forecast, 0)
}
