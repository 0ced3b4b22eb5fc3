/** The port through which every forecast that is answered is recorded first. */
import type { Forecast } from '../../forecast/forecast.ts'

export interface ServedForecast {
  readonly forecast: Forecast
  /** Registered model, or the name of a baseline. */
  readonly model: string
  /** 0 for a baseline. */
  readonly version: number
  readonly role: 'champion' | 'shadow' | 'previous' | 'baseline'
  /** SHA-256 (hex) of the bars that it was made from. */
  readonly inputs: string
  /** The bars came with the request: nothing may be concluded from how well it does. */
  readonly supplied: boolean
  readonly requestId: string
}

/** Resolves when the forecasts would survive the end of the process; rejects when they would not. */
export type RecordForecasts = (forecasts: readonly ServedForecast[]) => Promise<unknown>
