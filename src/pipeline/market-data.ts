/** Gets daily bars from wherever the user says, checks them, and keeps them. */
import { TickerflowError } from '../errors.ts'
import type { Bars } from '../market/bars.ts'
import { createCalendar } from '../market/calendar.ts'
import type { Finding } from '../market/finding.ts'
import { type CsvReading, readCsvBars } from '../market/providers/csv-file.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../market/providers/sample.ts'
import { fetchYahooBars } from '../market/providers/yahoo.ts'
import { assertNotBlocked, checkBars } from '../market/quality.ts'
import { parseSymbol } from '../market/symbol.ts'
import type { CalendarKind, TradingCalendar } from '../market/trading-calendar.ts'
import { dayOfInstant } from '../market/trading-date.ts'
import type { Application } from './application.ts'

/** Years of history asked of a provider. */
const PROVIDER_YEARS = 20

export interface BarsRequest {
  readonly symbol: string
  /** CSV file; wins over `source`. */
  readonly csv?: string | undefined
  /** Where from; without it the store's latest snapshot, else the sample. */
  readonly source?: 'sample' | 'yahoo' | undefined
  readonly calendar: CalendarKind
  readonly signal?: AbortSignal | undefined
}

export interface CheckedBars {
  readonly bars: Bars
  readonly findings: readonly Finding[]
  /** The series ends in the past on purpose: "now" is its last close, nothing is late. */
  readonly historical: boolean
  /** Sessions that have ended since the last bar. */
  readonly ageSessions: number
}

/**
 * Reads the bars, checks them, and only then saves a snapshot: a series with blocking findings
 * leaves what was stored before untouched.
 *
 * @throws {TickerflowError} DATA_BLOCKED with every blocking finding, besides what the source throws.
 */
export async function ingestBars(app: Application, request: BarsRequest): Promise<CheckedBars> {
  const checked = await inspectBars(app, request)
  assertNotBlocked(checked.bars, checked.findings)
  const { findings } = await app.bars.save(checked.bars)
  return { ...checked, findings: [...checked.findings, ...findings] }
}

/** Reads and checks, without saving and without judging the findings. */
export async function inspectBars(app: Application, request: BarsRequest): Promise<CheckedBars> {
  const { bars, origin, findings } = await readBars(app, request)
  const historical = bars.source === 'sample' && !app.clockIsSet
  const calendar = createCalendar(request.calendar, bars)
  const now = historical ? closeOfLast(bars, calendar) : app.clock()
  const checks = checkBars(bars, {
    calendar,
    now,
    historical,
    ...(origin === undefined ? {} : { origin }),
  })
  const ageSessions = historical ? 0 : sessionsSince(bars, calendar, now)
  return { bars, findings: [...findings, ...checks], historical, ageSessions }
}

type Reading = Pick<CsvReading, 'bars' | 'findings'> & Partial<Pick<CsvReading, 'origin'>>

async function readBars(app: Application, request: BarsRequest): Promise<Reading> {
  const symbol = parseSymbol(request.symbol)
  if (request.csv !== undefined) return await readCsvBars(request.csv, { symbol })
  if (request.source === 'sample') return unread(await readSampleBars(symbol))
  if (request.source === 'yahoo') return await readYahoo(app, symbol, request.signal)
  const stored = await app.bars.loadLatest(symbol)
  if (stored !== undefined) return unread(stored)
  if (SAMPLE_SYMBOLS.some((known) => known === symbol)) return unread(await readSampleBars(symbol))
  throw new TickerflowError(
    'SNAPSHOT_MISSING',
    `The store has no bars of ${symbol}. Fetch or import them first: ` +
      `tickerflow ingest --symbol ${symbol} --source yahoo, or --csv FILE.`,
    { details: { symbol } },
  )
}

/** A reading without findings of its own. */
function unread(bars: Bars): Reading {
  return { bars, findings: [] }
}

async function readYahoo(
  app: Application,
  symbol: string,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const to = dayOfInstant(app.clock())
  const from = to - Math.round(PROVIDER_YEARS * 365.25)
  return await fetchYahooBars({
    symbol,
    from,
    to,
    fetch: app.fetch,
    clock: app.clock,
    ...(signal === undefined ? {} : { signal }),
  })
}

function closeOfLast(bars: Bars, calendar: TradingCalendar): number {
  const last = bars.date.at(-1) ?? 0
  return calendar.closeTime(calendar.isSession(last) ? last : calendar.previousSession(last))
}

function sessionsSince(bars: Bars, calendar: TradingCalendar, now: number): number {
  const last = bars.date.at(-1) ?? 0
  const known = calendar.lastCompleteSession(now)
  return known <= last ? 0 : calendar.sessionsBetween(last + 1, known).length
}
