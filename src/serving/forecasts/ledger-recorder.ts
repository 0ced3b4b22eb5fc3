/** Records what the server answers in the forecast ledger. */
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import type { ForecastLedger } from '../../monitoring/ledger/forecast-ledger.ts'
import { isLate } from '../../monitoring/ledger/lateness.ts'
import type { LedgerEntry } from '../../monitoring/ledger/ledger-line.ts'
import type { RecordForecasts, ServedForecast } from './recording.ts'

export interface LedgerRecorderOptions {
  readonly ledger: ForecastLedger
  /** Says whether a forecast still came in time to count. */
  readonly calendar: TradingCalendar
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export function createLedgerRecorder(options: LedgerRecorderOptions): RecordForecasts {
  const { ledger, calendar, clock } = options
  return async (forecasts) => {
    const issuedAtMs = clock()
    // Of bars that may be anything, only that the forecast was given is worth a line.
    const kept = forecasts.filter(({ supplied, role }) => !supplied || role !== 'baseline')
    await ledger.append(kept.map((one) => entryOf(one, calendar, issuedAtMs)))
  }
}

function entryOf(
  { forecast, model, version, role, inputs, supplied, requestId }: ServedForecast,
  calendar: TradingCalendar,
  issuedAtMs: number,
): LedgerEntry {
  const { symbol, horizon, asOf, distribution, referenceClose } = forecast
  return {
    request: requestId,
    forecast: {
      symbol,
      horizon,
      model,
      version,
      role: supplied ? 'supplied' : role,
      asOf,
      issuedAtMs,
      distribution,
      referenceClose,
      inputs,
      late: isLate(calendar, asOf, issuedAtMs),
    },
  }
}
