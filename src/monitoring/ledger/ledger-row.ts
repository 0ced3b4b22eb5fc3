/** Tracks and forecasts from rows of the ledger's tables. */
import { numberOf, type Row, textOf, wordOf } from '../../sqlite/row.ts'
import { FORECAST_ROLES, type IssuedForecast, type TrackKey } from './ledger-line.ts'

/** @param row With the columns of `ledger_tracks`. */
export function trackKeyOf(row: Row): TrackKey {
  return {
    symbol: textOf(row, 'symbol'),
    horizon: numberOf(row, 'horizon'),
    model: textOf(row, 'model'),
    version: numberOf(row, 'version'),
    role: wordOf(row, 'role', FORECAST_ROLES),
  }
}

/** @param row With the columns of `ledger_tracks`, `ledger_forecasts` and `ledger_lines`. */
export function forecastOf(row: Row): Omit<IssuedForecast, 'inputs' | 'late'> {
  return {
    ...trackKeyOf(row),
    asOf: numberOf(row, 'as_of'),
    issuedAtMs: numberOf(row, 'issued_at'),
    distribution: {
      location: numberOf(row, 'location'),
      scale: numberOf(row, 'scale'),
      degreesOfFreedom: numberOf(row, 'degrees_of_freedom'),
    },
    referenceClose: numberOf(row, 'reference_close'),
  }
}
