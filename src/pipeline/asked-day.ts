/** Dates as people write them in flags and configuration. */
import { TickerflowError } from '../errors.ts'
import { parseIsoDate } from '../market/trading-date.ts'

/** Days since 1970-01-01. @throws {TickerflowError} CONFIG_INVALID unless it is `YYYY-MM-DD`. */
export function askedDay(text: string): number {
  const day = parseIsoDate(text)
  if (day !== undefined) return day
  throw new TickerflowError('CONFIG_INVALID', `'${text}' is not a date. Expected YYYY-MM-DD.`)
}
