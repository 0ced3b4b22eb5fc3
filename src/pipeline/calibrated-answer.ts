/** The calibrated interval beside a forecast's own ones, which stay equal to the backtest's. */
import { type Forecast, priceInterval } from '../forecast/forecast.ts'
import { intervalCalibration } from '../monitoring/performance/calibrated-interval.ts'
import type { StateDatabase } from '../state/state-database.ts'

/** Field names are a contract of the API and of `forecast --json`. */
export interface CalibratedInterval {
  /** Share of outcomes that such intervals shall hold: the coverage objective. */
  readonly level: number
  readonly lower: number
  readonly upper: number
  readonly method: 'adaptive-conformal'
  /** Level of the forecast's own central interval that this is. */
  readonly askedLevel: number
  /** Share of matured outcomes inside the calibrated intervals of their days. */
  readonly observedCoverage: number
  /** Share of matured outcomes inside the model's own intervals at `level`. */
  readonly ownCoverage: number
  /** Matured forecasts that this is learnt from. */
  readonly matured: number
}

export interface CalibratedQuestion {
  /** Registered model. */
  readonly model: string
  /** The coverage objective, in (0, 1). */
  readonly level: number
}

/** `null` while too few of the model's live forecasts have matured. */
export function calibratedInterval(
  database: StateDatabase,
  forecast: Forecast,
  { model, level }: CalibratedQuestion,
): CalibratedInterval | null {
  const { symbol, horizon, asOf } = forecast
  const query = { symbol, horizon, asOf, model, objective: level }
  const known = intervalCalibration(database, query)
  if (known === undefined) return null
  const [lower, upper] = priceInterval(forecast, known.askedLevel)
  return { level, lower, upper, method: 'adaptive-conformal', ...known }
}
