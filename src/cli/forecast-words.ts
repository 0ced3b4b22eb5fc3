/** A forecast in words. */

import type { ForecastDocument } from '../pipeline/run-document.ts'
import { colours } from './colours.ts'
import { dollars, percent } from './words.ts'

export interface ForecastSubject {
  readonly symbol: string
  readonly asOf: string
  readonly historical: boolean
}

export function forecastWords(subject: ForecastSubject, forecast: ForecastDocument): string {
  const { horizon, referenceClose, median, interval80, interval95, probabilityUp } = forecast
  const when = horizon === 1 ? 'the next session' : `${horizon} sessions ahead`
  const interval = ([low, high]: readonly [number, number]) =>
    `${dollars(low)} and ${dollars(high)}`
  return [
    `${colours.bold(`Forecast for ${when}`)} (${subject.symbol}, from ${subject.asOf}, close ${dollars(referenceClose)}):`,
    `  median ${dollars(median)}, 80 % between ${interval(interval80)}, 95 % between ${interval(interval95)}`,
    `  probability of a rise ${percent(probabilityUp)}${subject.historical ? '; historical data, not a forecast for today' : ''}`,
    ...forecast.reasons.map((reason) => colours.yellow(`  not to be acted on: ${reason}`)),
  ].join('\n')
}
