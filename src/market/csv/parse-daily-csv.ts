/** Daily bars from a CSV file of the usual sources; judging the values is left to `checkBars`. */

import type { BarColumns } from '../bars.ts'
import { type BarsOrigin, type Finding, namedFinding } from '../finding.ts'
import { formatDay } from '../trading-date.ts'
import { type ColumnPass, type RawColumns, readColumns } from './csv-columns.ts'
import {
  type DateReader,
  dateReaderFor,
  dayMonthOrder,
  isNumericDate,
  numericDateReader,
} from './csv-date.ts'
import { csvUnreadable, quoteCell } from './csv-error.ts'
import { type CsvDialect, type CsvHeader, detectDelimiter, recogniseHeader } from './csv-header.ts'
import { type CsvText, forEachRecord } from './csv-records.ts'
import { decodeCsvText } from './csv-text.ts'

export interface ParsedCsv {
  readonly dialect: CsvDialect
  /** Oldest first, as far as the file is ordered at all. */
  readonly columns: BarColumns
  /** The file, and the line of every row in it. */
  readonly origin: BarsOrigin
  /** Whether the file had the newest row first. */
  readonly wasNewestFirst: boolean
  /** Rows that were left out. */
  readonly findings: readonly Finding[]
}

interface CsvStart {
  readonly csv: CsvText
  readonly header: CsvHeader
  readonly headerLine: number
}

/**
 * Reads daily bars in the form of Yahoo, Stooq, Investing.com, Nasdaq or any other with the usual
 * column names; order of columns and rows, delimiter, byte order mark, line ends, decimal mark,
 * thousands separators and form of date are recognised.
 *
 * A row without any price is left out with a finding; a single blank or `NaN` becomes NaN and is
 * for `checkBars` to find.
 *
 * @param content The bytes or the text of the file.
 * @param options.file The name that messages and findings give it.
 * @throws {TickerflowError} `CSV_UNREADABLE`, naming file, line, column and remedy.
 */
export function parseDailyCsv(
  content: Uint8Array | string,
  options: { readonly file: string },
): ParsedCsv {
  const start = readStart(decodeCsvText(content, options.file), options.file)
  const readDate = chooseDateReader(start)
  const raw = readWithEitherMark(start, readDate)
  if (raw.rows === 0) throw noRows(options.file, start.headerLine)
  const wasNewestFirst = isNewestFirst(raw.date)
  return {
    dialect: start.header.dialect,
    columns: barColumns(raw, wasNewestFirst),
    origin: { file: options.file, lines: ordered(raw.lines, wasNewestFirst) },
    wasNewestFirst,
    findings: nullRowFindings(raw, { file: options.file, wasNewestFirst }),
  }
}

function readStart(text: string, file: string): CsvStart {
  const firstLine = text.slice(0, 100_000).trimStart().split('\n', 1)[0] ?? ''
  const csv = { file, text, delimiter: detectDelimiter(firstLine) }
  let start: CsvStart | undefined
  forEachRecord(csv, (cells, line) => {
    start = { csv, header: recogniseHeader(cells, file, line), headerLine: line }
    return false
  })
  if (start === undefined) throw noRows(file, 1)
  return start
}

function chooseDateReader({ csv, header, headerLine }: CsvStart): DateReader {
  const at = header.index.date as number
  const first = firstDate(csv, at, headerLine)
  if (first === undefined) throw noRows(csv.file, headerLine)
  const reader = dateReaderFor(first.text)
  if (reader !== undefined) return reader
  if (!isNumericDate(first.text)) throw badDate(csv.file, first, header.names[at] as string)
  const order = dayMonthOrder(allDates(csv, at, headerLine), preferredOrder(header, first.text))
  if (order === undefined) throw ambiguousDate(csv.file, first, header.names[at] as string)
  return numericDateReader(order)
}

function preferredOrder(header: CsvHeader, text: string): 'day-first' | 'month-first' | undefined {
  if (header.dialect === 'investing' || header.dialect === 'nasdaq') return 'month-first'
  return text.includes('.') ? 'day-first' : undefined
}

interface DateCell {
  readonly text: string
  readonly line: number
}

function firstDate(csv: CsvText, at: number, headerLine: number): DateCell | undefined {
  let first: DateCell | undefined
  forEachRecord(csv, (cells, line) => {
    if (line <= headerLine) return undefined
    first = { text: (cells[at] ?? '').trim(), line }
    return false
  })
  return first
}

function allDates(csv: CsvText, at: number, headerLine: number): string[] {
  const texts: string[] = []
  forEachRecord(csv, (cells, line) => {
    if (line > headerLine) texts.push((cells[at] ?? '').trim())
    return undefined
  })
  return texts
}

function readWithEitherMark(
  { csv, header, headerLine }: CsvStart,
  readDate: DateReader,
): RawColumns {
  const pass: ColumnPass = { header, headerLine, readDate, mark: '.' }
  const pointed = readColumns(csv, pass)
  const offender = pointed.otherMark
  if (offender === undefined) {
    if (csv.delimiter !== ',' && pointed.ambiguous !== undefined && !hasFractions(pointed)) {
      throw unclearNumber(csv.file, pointed.ambiguous)
    }
    return pointed
  }
  const withComma = readColumns(csv, { ...pass, mark: ',' })
  if (withComma.otherMark === undefined) return withComma
  throw mixedMarks(csv.file, offender, withComma.otherMark)
}

function hasFractions({ values }: RawColumns): boolean {
  return [values.open, values.high, values.low, values.close].some((column) =>
    column.some((value) => value % 1 !== 0),
  )
}

function isNewestFirst(date: Int32Array): boolean {
  let balance = 0
  for (let i = 1; i < date.length; i++) {
    balance += Math.sign((date[i - 1] as number) - (date[i] as number))
  }
  return balance > 0
}

function ordered<T extends Int32Array | Float64Array>(column: T, newestFirst: boolean): T {
  return (newestFirst ? column.reverse() : column) as T
}

function barColumns({ date, values, hasAdjusted }: RawColumns, newestFirst: boolean): BarColumns {
  const { adjusted } = values
  return {
    date: ordered(date, newestFirst),
    open: ordered(values.open, newestFirst),
    high: ordered(values.high, newestFirst),
    low: ordered(values.low, newestFirst),
    close: ordered(values.close, newestFirst),
    volume: ordered(values.volume, newestFirst),
    ...(hasAdjusted ? { vendorAdjustedClose: ordered(adjusted, newestFirst) } : {}),
  }
}

function nullRowFindings(
  { nullRows, rows }: RawColumns,
  { file, wasNewestFirst }: { readonly file: string; readonly wasNewestFirst: boolean },
): Finding[] {
  if (nullRows.length === 0) return []
  const described = nullRows.map(({ at, day, line }) => ({
    row: wasNewestFirst ? rows - at : at,
    date: formatDay(day),
    line,
  }))
  const finding = namedFinding(
    { source: file, rows: described, count: nullRows.length },
    {
      check: 'null-rows',
      severity: 'warning',
      statement: 'Rows without any price were left out',
      remedy: 'If the days had sessions, download the data again or fill in the prices.',
    },
  )
  return [finding]
}

function noRows(file: string, headerLine: number): Error {
  return csvUnreadable({
    file,
    received: 'no row of prices',
    expected: `at least one row after the header in line ${headerLine}`,
    remedy: 'Download or export the data again.',
  })
}

function badDate(file: string, { text, line }: DateCell, column: string): Error {
  return csvUnreadable({
    file,
    line,
    column,
    received: quoteCell(text),
    expected: 'a date such as 2013-03-01, 03/01/2013, Mar 1, 2013 or a Unix time',
    remedy: 'Write the dates as YYYY-MM-DD.',
  })
}

function ambiguousDate(file: string, { text, line }: DateCell, column: string): Error {
  return csvUnreadable({
    file,
    line,
    column,
    received: `${quoteCell(text)}, which can be day-month or month-day`,
    expected: 'all dates of the file to show the same one of the two',
    remedy: 'Write the dates as YYYY-MM-DD.',
  })
}

function unclearNumber(
  file: string,
  { line, column, text }: { readonly line: number; readonly column: string; readonly text: string },
): Error {
  return csvUnreadable({
    file,
    line,
    column,
    received: `${quoteCell(text)}, which can mean thousands or a fraction`,
    expected: 'some number in the file to show what its comma means',
    remedy: 'Write the numbers without thousands separators and with a decimal point.',
  })
}

function mixedMarks(
  file: string,
  comma: { readonly line: number; readonly column: string; readonly text: string },
  point: { readonly line: number; readonly text: string },
): Error {
  return csvUnreadable({
    file,
    line: comma.line,
    column: comma.column,
    received: `${quoteCell(comma.text)}, while line ${point.line} has ${quoteCell(point.text)}`,
    expected: 'one decimal mark throughout',
    remedy: 'Correct the cell that differs, or write all numbers with a decimal point.',
  })
}
