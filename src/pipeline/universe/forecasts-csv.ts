/** Forecasts of many symbols as rows of a table. */
import {
  type Forecast,
  priceInterval,
  priceQuantile,
  probabilityOfRise,
} from '../../forecast/forecast.ts'
import { formatDay } from '../../market/trading-date.ts'

export interface ForecastRow {
  readonly symbol: string
  /** `YYYY-MM-DD`. */
  readonly asOf: string
  readonly horizon: number
  readonly referenceClose: number
  readonly location: number
  readonly scale: number
  readonly degreesOfFreedom: number
  readonly median: number
  readonly lower80: number
  readonly upper80: number
  readonly lower95: number
  readonly upper95: number
  readonly probabilityUp: number
  /** False where the symbol's prices end before those of the universe. */
  readonly usable: boolean
}

/** @param last The universe's last session, `YYYY-MM-DD`. */
export function forecastRow(forecast: Forecast, last: string): ForecastRow {
  const { symbol, horizon, referenceClose, distribution } = forecast
  const asOf = formatDay(forecast.asOf)
  const [lower80, upper80] = priceInterval(forecast, 0.8)
  const [lower95, upper95] = priceInterval(forecast, 0.95)
  return {
    ...{ symbol, asOf, horizon, referenceClose },
    location: distribution.location,
    scale: distribution.scale,
    degreesOfFreedom: distribution.degreesOfFreedom,
    median: priceQuantile(forecast, 0.5),
    ...{ lower80, upper80, lower95, upper95 },
    probabilityUp: probabilityOfRise(forecast),
    usable: asOf === last,
  }
}

const COLUMNS = [
  ...(['symbol', 'asOf', 'horizon', 'referenceClose', 'location', 'scale'] as const),
  ...(['degreesOfFreedom', 'median', 'lower80', 'upper80', 'lower95', 'upper95'] as const),
  ...(['probabilityUp', 'usable'] as const),
]

/** A header and a line per forecast; numbers in full. */
export function forecastsCsv(rows: readonly ForecastRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => String(row[name])).join(','))
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`
}
