/** Whether a forecast was issued while what it speaks of could still not be known. */
import type { TradingCalendar } from '../../market/trading-calendar.ts'

/**
 * A forecast is late once the session after `asOf` has opened: from then on, what is being forecast
 * has begun to happen.
 *
 * @param asOf Last session known to the forecast, days since 1970-01-01.
 * @param issuedAtMs UTC milliseconds.
 */
export function isLate(calendar: TradingCalendar, asOf: number, issuedAtMs: number): boolean {
  return issuedAtMs >= calendar.openTime(calendar.nextSession(asOf))
}
