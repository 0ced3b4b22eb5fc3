/** The replayed source of prices: it knows the whole past and refuses to tell of what is to come. */
import { TickerflowError } from '../../errors.ts'
import { lowerBound } from '../../features/windows.ts'
import type { Bars } from '../../market/bars.ts'
import { createBars, sliceBars } from '../../market/create-bars.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { PriceHistory } from '../application.ts'

export interface ReplayedHistory extends PriceHistory {
  /**
   * Bars up to a day.
   *
   * @throws {TickerflowError} LEAKAGE_FOUND when the session of that day has not closed yet.
   */
  readTo(symbol: string, day: number): Bars
}

export interface ReplayedHistoryOptions {
  readonly bars: readonly Bars[]
  readonly calendar: TradingCalendar
  readonly clock: () => number
}

/** Prices are adjusted for the splits of the whole series, as the source gave them. */
export function createReplayedHistory(options: ReplayedHistoryOptions): ReplayedHistory {
  const { bars, calendar, clock } = options
  const bySymbol = new Map(bars.map((one) => [one.symbol, one]))
  const lastRead = new Map<string, Bars>()
  const readTo = (symbol: string, day: number): Bars => {
    const known = calendar.lastCompleteSession(clock())
    if (day > known) throw fromTheFuture(symbol, day, known)
    const all = bySymbol.get(symbol)
    if (all === undefined) throw notReplayed(symbol, [...bySymbol.keys()])
    const rows = lowerBound(all.date, day + 1)
    const before = lastRead.get(symbol)
    if (before?.date.length === rows) return before
    // Each reading is a copy: nothing of what follows is even in memory that a model could see.
    const read =
      rows === 0 ? createBars({ ...all, columns: emptyColumns() }) : sliceBars(all, 0, rows)
    lastRead.set(symbol, read)
    return read
  }
  return {
    readTo,
    read: async (symbol) => readTo(symbol, calendar.lastCompleteSession(clock())),
  }
}

function emptyColumns() {
  const none = new Float64Array()
  return { date: new Int32Array(), open: none, high: none, low: none, close: none, volume: none }
}

function fromTheFuture(symbol: string, day: number, known: number): TickerflowError {
  return new TickerflowError(
    'LEAKAGE_FOUND',
    `Prices of ${symbol} up to ${formatDay(day)} were asked for, and the replay has come to the ` +
      `close of ${formatDay(known)}: whoever asks would know the future. This is a fault of the program.`,
    { details: { symbol, day: formatDay(day), known: formatDay(known) } },
  )
}

function notReplayed(symbol: string, symbols: readonly string[]): TickerflowError {
  return new TickerflowError(
    'SYMBOL_UNKNOWN',
    `The replay has no prices of ${symbol}, only of ${symbols.join(', ')}. Name it with --symbols or --panel.`,
    { details: { symbol, symbols } },
  )
}
