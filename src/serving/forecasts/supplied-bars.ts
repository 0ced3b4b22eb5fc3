/** Bars that come with a request: made into a series, checked like any other, never stored. */
import type { Bars } from '../../market/bars.ts'
import { createBars } from '../../market/create-bars.ts'
import { assertNotBlocked, checkBars } from '../../market/quality.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import { NO_ROWS_TO_FIT_ON } from '../../pipeline/market-data.ts'
import { Refusal } from '../refusal.ts'
import type { BarsBody } from './forecast-schemas.ts'

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
/** A larger close-to-close move is looked at by all the checks. */
const PLAIN_STEP = 1.25

export interface SuppliedBarsOptions {
  /** Where a session is missing, the checks say so. */
  readonly calendarOf: (bars: { readonly date: Int32Array }) => TradingCalendar
  readonly nowMs: number
  /** The series ended long ago and is meant to. */
  readonly historical: boolean
}

/**
 * @throws {Refusal} On columns of different lengths or a date that does not exist.
 * @throws {TickerflowError} DATA_BLOCKED; SYMBOL_INVALID.
 */
export function barsOfRequest(
  symbol: string,
  body: BarsBody,
  { calendarOf, nowMs, historical }: SuppliedBarsOptions,
): Bars {
  const bars = createBars({
    symbol,
    basis: 'split-adjusted',
    source: 'request',
    columns: columnsOf(body),
  })
  const calendar = calendarOf(bars)
  const isOver = historical || isOverAt(bars, calendar, nowMs)
  if (isOver && isPlain(bars, calendar)) return bars
  const options = { calendar, now: nowMs, historical, limits: NO_ROWS_TO_FIT_ON }
  assertNotBlocked(bars, checkBars(bars, options))
  return bars
}

function isOverAt({ date }: Bars, calendar: TradingCalendar, nowMs: number): boolean {
  const last = date.at(-1) ?? 0
  return calendar.isSession(last) && calendar.closeTime(last) <= nowMs
}

function columnsOf(body: BarsBody) {
  const rows = body.date.length
  const uneven = COLUMNS.find((name) => body[name].length !== rows)
  if (uneven !== undefined) {
    const detail = `'/bars/${uneven}' has ${body[uneven].length} values, '/bars/date' has ${rows}.`
    throw new Refusal({ status: 400, type: 'request-invalid', detail })
  }
  const { open, high, low, close, volume } = body
  return { date: daysOf(body.date), open, high, low, close, volume }
}

function daysOf(texts: readonly string[]): Int32Array {
  const days = new Int32Array(texts.length)
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row] as string
    const day = parseIsoDate(text)
    if (day === undefined) {
      const detail = `'/bars/date/${row}' is '${text}', which is not a date.`
      throw new Refusal({ status: 400, type: 'request-invalid', detail })
    }
    days[row] = day
  }
  return days
}

/**
 * Whether nothing about the bars is worth a look: one session after the other, sound prices without
 * great steps. No check blocks such a series (a test holds them against each other), and most are.
 */
export function isPlain(bars: Bars, calendar: TradingCalendar): boolean {
  const { date, open, high, low, close, volume } = bars
  if (date.length === 0 || !calendar.isSession(date[0] as number)) return false
  for (let t = 0; t < date.length; t++) {
    const top = high[t] as number
    const bottom = low[t] as number
    const [first, last] = [open[t] as number, close[t] as number]
    if (!(bottom > 0 && top < Number.POSITIVE_INFINITY && (volume[t] as number) > 0)) return false
    if (!(first >= bottom && first <= top && last >= bottom && last <= top && top > bottom)) {
      return false
    }
    if (t === 0) continue
    if (calendar.nextSession(date[t - 1] as number) !== date[t]) return false
    const step = last / (close[t - 1] as number)
    if (!(step < PLAIN_STEP && step > 1 / PLAIN_STEP)) return false
  }
  return true
}
