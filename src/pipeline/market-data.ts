/** Gets daily bars from wherever the user says, checks them, and keeps them. */
import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import type { Bars } from '../market/bars.ts'
import { createCalendar } from '../market/calendar.ts'
import { createBars } from '../market/create-bars.ts'
import { CHECK_CATALOGUE, type CheckName, type Finding } from '../market/finding.ts'
import { type CsvReading, readCsvBars } from '../market/providers/csv-file.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../market/providers/sample.ts'
import { fetchYahooBars } from '../market/providers/yahoo.ts'
import type { AcceptedRow, QualityLimits } from '../market/quality/check-context.ts'
import { assertNotBlocked, checkBars } from '../market/quality.ts'
import { adjustForSplits } from '../market/split-adjustment.ts'
import { parseSymbol } from '../market/symbol.ts'
import type { TradingCalendar } from '../market/trading-calendar.ts'
import { dayOfInstant } from '../market/trading-date.ts'
import type { Application } from './application.ts'
import { askedDay } from './asked-day.ts'

const CHECK_NAMES = Object.keys(CHECK_CATALOGUE) as CheckName[]

/** A forecast needs the model's lookback and no more, which the model itself asks for. */
export const NO_ROWS_TO_FIT_ON = { minimumRows: 0, advisedRows: 0 } as const

/** Years of history asked of a provider. */
const PROVIDER_YEARS = 20

export interface BarsRequest {
  readonly symbol: string
  /** CSV file; wins over `config.source`. */
  readonly csv?: string | undefined
  /** Source, calendar, splits and accepted findings. */
  readonly config: Config
  readonly signal?: AbortSignal | undefined
  /** Where the checks draw other lines than usual. */
  readonly limits?: Partial<QualityLimits> | undefined
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
  const { config } = request
  const { bars, origin, findings } = await readBars(app, request)
  const historical = bars.source === 'sample' && !app.clockIsSet
  const calendar = createCalendar(config.calendar, bars)
  const now = historical ? closeOfLast(bars, calendar) : app.clock()
  const checks = checkBars(bars, {
    calendar,
    now,
    historical,
    accepted: acceptedRows(config.accepted),
    limits: request.limits ?? {},
    ...(origin === undefined ? {} : { origin }),
  })
  const ageSessions = historical ? 0 : sessionsSince(bars, calendar, now)
  return { bars, findings: [...findings, ...checks], historical, ageSessions }
}

/** The bars of the source as they are now, neither checked nor kept. */
export async function knownBars(app: Application, request: BarsRequest): Promise<Bars> {
  return (await readBars(app, request)).bars
}

type Reading = Pick<CsvReading, 'bars' | 'findings'> & Partial<Pick<CsvReading, 'origin'>>

async function readBars(app: Application, request: BarsRequest): Promise<Reading> {
  const { config } = request
  const symbol = parseSymbol(request.symbol)
  if (app.history !== undefined) return unread(await app.history.read(symbol))
  if (request.csv !== undefined) return await readCsv(request.csv, symbol, config.splits)
  if (config.source === 'sample') return unread(await readSampleBars(symbol))
  if (config.source === 'yahoo') return await readYahoo(app, symbol, request.signal)
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

/** Prices as traded are divided by the ratios of the splits after them. */
async function readCsv(path: string, symbol: string, given: Config['splits']): Promise<Reading> {
  const splits = given.map(({ date, ratio }) => ({ day: askedDay(date), ratio }))
  const reading = await readCsvBars(path, { symbol, splits })
  if (splits.length === 0) return reading
  const { bars } = reading
  const columns = adjustForSplits(bars, splits)
  return { ...reading, bars: createBars({ ...bars, columns }) }
}

function acceptedRows(accepted: Config['accepted']): AcceptedRow[] {
  return accepted.map(({ check, date }) => {
    const name = CHECK_NAMES.find((known) => known === check)
    if (name !== undefined) return { check: name, day: askedDay(date) }
    throw new TickerflowError(
      'CONFIG_INVALID',
      `There is no data check '${check}'. Known checks: ${CHECK_NAMES.join(', ')}.`,
      { details: { check } },
    )
  })
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
