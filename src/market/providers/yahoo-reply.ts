/** Reading Yahoo's chart reply: wire names and their oddities end here. */

import { TickerflowError } from '../../errors.ts'
import type { BarColumns, Dividend, Split } from '../bars.ts'
import { type Finding, type FindingRow, namedFinding } from '../finding.ts'
import { createNyseCalendar } from '../nyse-calendar.ts'
import { createTimeZone, type TimeZone } from '../time-zone.ts'
import { formatDay } from '../trading-date.ts'

const NEW_YORK = 'America/New_York'
const NYSE = createNyseCalendar()
const MS_PER_DAY = 86_400_000

/** The part of the reply that is read; every field is checked before it is trusted. */
interface ChartResult {
  readonly symbol: string
  readonly timeZone: TimeZone
  readonly timeZoneName: string
  /** The current or last regular session, in seconds; absent for some instruments. */
  readonly regularEnd: number | undefined
  readonly timestamps: readonly number[]
  readonly columns: Readonly<Record<QuoteName, readonly unknown[]>>
  readonly adjusted: readonly unknown[] | undefined
  readonly events: Json
}

type Json = Readonly<Record<string, unknown>>
type QuoteName = (typeof QUOTE_NAMES)[number]
const QUOTE_NAMES = ['open', 'high', 'low', 'close', 'volume'] as const

export interface YahooSeries {
  readonly columns: BarColumns
  readonly dividends: readonly Dividend[]
  readonly splits: readonly Split[]
  readonly findings: readonly Finding[]
}

export interface YahooQuestion {
  readonly symbol: string
  readonly status: number
  readonly body: string
  /** UTC milliseconds. */
  readonly now: number
}

/**
 * The bars of a reply to the v8 chart call; rows without any price and the bar of a session that
 * is still open are left out, each with a finding.
 *
 * @throws {TickerflowError} `SYMBOL_UNKNOWN`, or `PROVIDER_REPLY_INVALID` saying what came.
 */
export function parseYahooReply(question: YahooQuestion): YahooSeries {
  const chart = parseChart(question)
  const { findings, rows } = chooseRows(chart, question)
  if (rows.length === 0) throw invalid(question, 'a chart without any price in the range')
  return {
    columns: readColumns(chart, rows),
    dividends: eventsOf(chart, 'dividends').flatMap(({ day, event }) => {
      const amount = Number(event.amount)
      return amount > 0 ? [{ day, amount }] : []
    }),
    splits: eventsOf(chart, 'splits').flatMap(({ day, event }) => {
      const ratio = Number(event.numerator) / Number(event.denominator)
      return ratio > 0 && Number.isFinite(ratio) ? [{ day, ratio }] : []
    }),
    findings,
  }
}

function parseChart(question: YahooQuestion): ChartResult {
  const chart = asObject(asObject(parseJson(question)).chart)
  const error = asObject(chart.error)
  if (error.code === 'Not Found' || question.status === 404) throw unknownSymbol(question, error)
  if (question.status !== 200 || 'code' in error) {
    throw invalid(question, `HTTP status ${question.status}, ${describe(error)}`)
  }
  const result = asObject(asArray(chart.result)[0])
  const meta = asObject(result.meta)
  const quote = asObject(asArray(asObject(result.indicators).quote)[0])
  const timestamps = asArray(result.timestamp)
  const timeZoneName = String(meta.exchangeTimezoneName)
  assertDailyOf(question, meta)
  if (timestamps.length === 0) throw invalid(question, 'a chart without any bar in the range')
  const regular = asObject(asObject(meta.currentTradingPeriod).regular)
  return {
    symbol: question.symbol,
    timeZone: timeZoneOf(question, timeZoneName),
    timeZoneName,
    regularEnd: typeof regular.end === 'number' ? regular.end : undefined,
    timestamps: timestamps.map((value) => wholeNumber(question, value)),
    columns: quoteColumns(question, quote, timestamps.length),
    adjusted: adjustedColumn(result, timestamps.length),
    events: asObject(result.events),
  }
}

function parseJson(question: YahooQuestion): unknown {
  try {
    return JSON.parse(question.body)
  } catch (cause) {
    const start = question.body.trimStart()
    const what = start.startsWith('<') ? 'a web page' : start === '' ? 'nothing' : 'no JSON'
    throw invalid(question, `${what} with HTTP status ${question.status}`, cause)
  }
}

function assertDailyOf(question: YahooQuestion, meta: Json): void {
  const { symbol, dataGranularity } = meta
  if (typeof symbol === 'string' && symbol.toUpperCase() !== question.symbol) {
    throw invalid(question, `the chart of ${symbol}`)
  }
  if (dataGranularity !== undefined && dataGranularity !== '1d') {
    throw invalid(question, `bars of ${JSON.stringify(dataGranularity)} instead of a day`)
  }
}

function timeZoneOf(question: YahooQuestion, name: string): TimeZone {
  try {
    return createTimeZone(name)
  } catch (cause) {
    throw invalid(question, `the unknown time zone '${name}'`, cause)
  }
}

function quoteColumns(question: YahooQuestion, quote: Json, rows: number): ChartResult['columns'] {
  const column = (name: QuoteName): readonly unknown[] => {
    const values = asArray(quote[name])
    if (values.length === rows) return values
    throw invalid(question, `${values.length} values of '${name}' for ${rows} days`)
  }
  return {
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  }
}

/** The adjusted close is left out by Yahoo for some instruments; then the bars have none. */
function adjustedColumn(result: Json, rows: number): readonly unknown[] | undefined {
  const values = asArray(asObject(asArray(asObject(result.indicators).adjclose)[0]).adjclose)
  return values.length === rows ? values : undefined
}

interface ChosenRow {
  /** Index in the reply. */
  readonly at: number
  readonly day: number
}

/** The rows that become bars: one a day, complete, with a price. */
function chooseRows(chart: ChartResult, question: YahooQuestion) {
  const dated = chart.timestamps.map((seconds, at) => {
    return { at, day: chart.timeZone.localDay(1000 * seconds) }
  })
  const isEmpty = ({ at }: ChosenRow) =>
    QUOTE_NAMES.slice(0, 4).every((name) => chart.columns[name][at] == null)
  const isRecent = ({ day }: ChosenRow) => (day + 2) * MS_PER_DAY > question.now
  const isOpen = (row: ChosenRow) => isRecent(row) && sessionEnd(chart, row.day) > question.now
  const empty = dated.filter(isEmpty)
  const open = dated.filter((row) => !isEmpty(row) && isOpen(row))
  const priced = dated.filter((row) => !isEmpty(row) && !isOpen(row))
  const rows = priced.filter(({ day }, k) => priced[k + 1]?.day !== day)
  const doubled = priced.filter(({ day }, k) => priced[k + 1]?.day === day)
  const findings = [
    ...leftOut(question, rows, { check: 'null-rows', rows: empty }),
    ...leftOut(question, rows, { check: 'partial-bar', rows: open }),
    ...leftOut(question, rows, { check: 'merged-rows', rows: doubled }),
  ]
  return { rows, findings }
}

/**
 * When the session of a day ends, in UTC milliseconds.
 *
 * New York's by its calendar, early closes included; elsewhere as the reply says for the current
 * session, otherwise at the end of the day there.
 */
function sessionEnd({ timeZone, timeZoneName, regularEnd }: ChartResult, day: number): number {
  if (timeZoneName === NEW_YORK && NYSE.isSession(day)) return NYSE.closeTime(day)
  const end = regularEnd === undefined ? undefined : 1000 * regularEnd
  if (end !== undefined && timeZone.localDay(end - 1) === day) return end
  return timeZone.instantOf(day + 1, 0)
}

const LEFT_OUT = {
  'null-rows': {
    statement: 'Yahoo has rows without any price, which were left out',
    remedy: 'If the days had sessions, fetch again later.',
  },
  'partial-bar': {
    statement: 'The session had not ended, and its bar was left out',
    remedy: 'Nothing; fetch again after the close to have it.',
  },
  'merged-rows': {
    statement: 'Yahoo has two rows of one day; the later one was taken',
    remedy: 'Nothing; fetch again the next day to have the settled values.',
  },
} as const

function leftOut(
  { symbol }: YahooQuestion,
  kept: readonly ChosenRow[],
  { check, rows }: { readonly check: keyof typeof LEFT_OUT; readonly rows: readonly ChosenRow[] },
): Finding[] {
  if (rows.length === 0) return []
  const described = rows.map(({ at, day }): FindingRow => {
    return { row: kept.filter((other) => other.at < at).length, date: formatDay(day) }
  })
  const place = { source: symbol, rows: described, count: rows.length }
  return [namedFinding(place, { check, severity: 'warning', ...LEFT_OUT[check] })]
}

function readColumns(chart: ChartResult, rows: readonly ChosenRow[]): BarColumns {
  const { columns, adjusted } = chart
  const read = (values: readonly unknown[]) =>
    Float64Array.from(rows, ({ at }) => (typeof values[at] === 'number' ? values[at] : Number.NaN))
  return {
    date: Int32Array.from(rows, ({ day }) => day),
    open: read(columns.open),
    high: read(columns.high),
    low: read(columns.low),
    close: read(columns.close),
    volume: read(columns.volume),
    ...(adjusted === undefined ? {} : { vendorAdjustedClose: read(adjusted) }),
  }
}

function eventsOf({ events, timeZone }: ChartResult, kind: 'dividends' | 'splits') {
  return Object.values(asObject(events[kind])).flatMap((value) => {
    const event = asObject(value)
    return typeof event.date === 'number'
      ? [{ day: timeZone.localDay(1000 * event.date), event }]
      : []
  })
}

function wholeNumber(question: YahooQuestion, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw invalid(question, `the timestamp ${JSON.stringify(value)}`)
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function describe(error: Json): string {
  const text = [error.code, error.description].filter((part) => part != null).join(': ')
  return text === '' ? 'without an explanation' : text
}

function unknownSymbol({ symbol }: YahooQuestion, error: Json): TickerflowError {
  const message =
    `Yahoo does not know the symbol ${symbol} (${describe(error)}). Expected one that it lists: ` +
    'look it up on finance.yahoo.com; classes are written BRK-B, indices ^GSPC, other exchanges VOD.L.'
  return new TickerflowError('SYMBOL_UNKNOWN', message, { details: { symbol, provider: 'Yahoo' } })
}

function invalid({ symbol, body }: YahooQuestion, what: string, cause?: unknown): TickerflowError {
  const message =
    `Yahoo answered ${what}; expected the daily bars of ${symbol}. Try again later, or another ` +
    'range, or use --csv FILE. Nothing was changed.'
  const details = { symbol, provider: 'Yahoo', received: body.slice(0, 200) }
  return new TickerflowError('PROVIDER_REPLY_INVALID', message, { details, cause })
}
