/** Calibrated intervals for answers, reread from the ledger now and then rather than for each request. */
import { isTickerflowError } from '../../errors.ts'
import type { Forecast } from '../../forecast/forecast.ts'
import { type CalibratedInterval, calibratedInterval } from '../../pipeline/calibrated-answer.ts'
import type { StateDatabase } from '../../state/state-database.ts'

/** Outcomes come once a day. */
const REREAD_MS = 60_000
const MOST_KEPT = 10_000

export interface CalibrationsOptions {
  readonly database: StateDatabase
  /** The coverage objective, in (0, 1). */
  readonly level: number
  /** Milliseconds that only ever grow. */
  readonly stopwatch: () => number
}

/** @returns The interval of a forecast by a registered model; `null` while nothing is known. */
export function createCalibrations({
  database,
  level,
  stopwatch,
}: CalibrationsOptions): (forecast: Forecast, model: string) => CalibratedInterval | null {
  const kept = new Map<string, { readonly atMs: number; readonly of: CalibratedInterval | null }>()
  return (forecast, model) => {
    const { symbol, horizon, asOf, referenceClose, distribution } = forecast
    const { location, scale, degreesOfFreedom } = distribution
    const key = `${model}/${symbol}/${horizon}/${asOf}/${referenceClose}/${location}/${scale}/${degreesOfFreedom}`
    const known = kept.get(key)
    if (known !== undefined && stopwatch() - known.atMs < REREAD_MS) return known.of
    const of = intervalOrNull(() => calibratedInterval(database, forecast, { model, level }))
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, { atMs: stopwatch(), of })
    return of
  }
}

/** What is beside the forecast must not keep it from being answered. */
function intervalOrNull(read: () => CalibratedInterval | null): CalibratedInterval | null {
  try {
    return read()
  } catch (error) {
    if (isTickerflowError(error)) return null
    throw error
  }
}
