/** One pass over a CSV text whose header, date form and decimal mark are known: text to columns. */

import type { DateReader } from './csv-date.ts'
import { csvUnreadable, quoteCell } from './csv-error.ts'
import type { CsvField, CsvHeader } from './csv-header.ts'
import {
  type DecimalMark,
  isAmbiguousNumber,
  type NotANumber,
  parseFormattedNumber,
  parsePlainNumber,
} from './csv-number.ts'
import { type CsvText, forEachRecord } from './csv-records.ts'

export interface ColumnPass {
  readonly header: CsvHeader
  readonly headerLine: number
  readonly readDate: DateReader
  readonly mark: DecimalMark
}

/** A cell by its place, for messages. */
export interface CsvCell {
  readonly line: number
  readonly column: string
  readonly text: string
}

export interface RawColumns {
  readonly rows: number
  readonly date: Int32Array
  readonly lines: Int32Array
  readonly values: Readonly<Record<NumericField, Float64Array>>
  readonly hasAdjusted: boolean
  /** Rows without any price, which are not among the columns. */
  readonly nullRows: readonly { readonly at: number; readonly day: number; readonly line: number }[]
  /** The first cell that only reads with the other decimal mark; the pass ended there. */
  readonly otherMark: CsvCell | undefined
  /** The first cell such as `1,234` that reads differently with either mark. */
  readonly ambiguous: CsvCell | undefined
}

type NumericField = Exclude<CsvField, 'date' | 'symbol'>
const PRICE_FIELDS: readonly NumericField[] = ['open', 'high', 'low', 'close']
const NUMERIC_FIELDS: readonly NumericField[] = [...PRICE_FIELDS, 'adjusted', 'volume']

/**
 * Reads all records after the header.
 *
 * @throws {TickerflowError} `CSV_UNREADABLE` naming file, line and column of the first bad cell.
 */
export function readColumns(csv: CsvText, pass: ColumnPass): RawColumns {
  const out = new ColumnWriter(csv, pass)
  forEachRecord(csv, (cells, line) => (line <= pass.headerLine ? undefined : out.add(cells, line)))
  return out.finish()
}

/** The columns under construction; lives for one pass. */
class ColumnWriter {
  readonly #file: string
  readonly #pass: ColumnPass
  readonly #date: Int32Array
  readonly #lines: Int32Array
  readonly #values: Record<NumericField, Float64Array>
  readonly #fields: readonly { field: NumericField; at: number }[]
  readonly #nullRows: { at: number; day: number; line: number }[] = []
  #rows = 0
  #symbol: string | undefined
  #otherMark: CsvCell | undefined
  #ambiguous: CsvCell | undefined

  constructor(csv: CsvText, pass: ColumnPass) {
    const capacity = countLines(csv.text)
    const { index } = pass.header
    this.#file = csv.file
    this.#pass = pass
    this.#date = new Int32Array(capacity)
    this.#lines = new Int32Array(capacity)
    this.#fields = NUMERIC_FIELDS.flatMap((field) => {
      const at = index[field]
      return at === undefined ? [] : [{ field, at }]
    })
    const column = (field: NumericField) =>
      new Float64Array(index[field] === undefined ? 0 : capacity)
    this.#values = {
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      adjusted: column('adjusted'),
      volume: column('volume'),
    }
  }

  /** Adds one record; `false` when the pass must be repeated with the other decimal mark. */
  add(cells: readonly string[], line: number): boolean {
    this.#assertWidth(cells, line)
    this.#assertSymbol(cells, line)
    const row = this.#rows
    this.#date[row] = this.#readDate(cells, line)
    this.#lines[row] = line
    for (const { field, at } of this.#fields) {
      const cell = cells[at] as string
      const plain = this.#pass.mark === '.' ? parsePlainNumber(cell) : Number.NaN
      const value = Number.isNaN(plain) ? this.#readFormatted(cell, at, line) : plain
      if (value === undefined) return false
      this.#values[field][row] = value
    }
    if (this.#isNullRow(row)) this.#nullRows.push({ at: row, day: this.#date[row] as number, line })
    else this.#rows++
    return true
  }

  finish(): RawColumns {
    const rows = this.#rows
    const cut = (column: Float64Array) => column.subarray(0, rows)
    const { open, high, low, close, adjusted, volume } = this.#values
    return {
      rows,
      date: this.#date.subarray(0, rows),
      lines: this.#lines.subarray(0, rows),
      values: {
        open: cut(open),
        high: cut(high),
        low: cut(low),
        close: cut(close),
        adjusted: cut(adjusted),
        volume: cut(volume),
      },
      hasAdjusted: this.#pass.header.index.adjusted !== undefined,
      nullRows: this.#nullRows,
      otherMark: this.#otherMark,
      ambiguous: this.#ambiguous,
    }
  }

  #isNullRow(row: number): boolean {
    return PRICE_FIELDS.every((field) => Number.isNaN(this.#values[field][row] as number))
  }

  #readDate(cells: readonly string[], line: number): number {
    const at = this.#pass.header.index.date as number
    const text = (cells[at] as string).trim()
    const day = this.#pass.readDate(text)
    if (day !== undefined) return day
    throw csvUnreadable({
      file: this.#file,
      line,
      column: this.#columnName(at),
      received: quoteCell(text),
      expected: 'a date that exists, in the form of the first row',
      remedy: 'Correct the date; YYYY-MM-DD is always understood.',
    })
  }

  /** `undefined` when the cell needs the other decimal mark. */
  #readFormatted(cell: string, at: number, line: number): number | undefined {
    const value: number | NotANumber = parseFormattedNumber(cell, this.#pass.mark)
    if (typeof value === 'number') {
      if (this.#ambiguous === undefined && isAmbiguousNumber(cell)) {
        this.#ambiguous = { line, column: this.#columnName(at), text: cell }
      }
      return value
    }
    if (value === 'text') throw this.#textForNumber(cell, at, line)
    this.#otherMark = { line, column: this.#columnName(at), text: cell }
    return undefined
  }

  #textForNumber(cell: string, at: number, line: number): Error {
    return csvUnreadable({
      file: this.#file,
      line,
      column: this.#columnName(at),
      received: quoteCell(cell),
      expected: 'a number such as 64.50',
      remedy: 'Correct the cell, or remove the row if there was no session.',
    })
  }

  #assertWidth(cells: readonly string[], line: number): void {
    const expected = this.#pass.header.names.length
    if (cells.length === expected) return
    if (cells.length > expected && cells.slice(expected).every((cell) => cell.trim() === '')) return
    throw csvUnreadable({
      file: this.#file,
      line,
      received: `${cells.length} cells`,
      expected: `${expected}, as in the header`,
      remedy:
        cells.length > expected
          ? 'Numbers with thousands separators must be in quotation marks, or the separators go.'
          : 'The row is cut off or is no row of prices: complete or remove it.',
    })
  }

  #assertSymbol(cells: readonly string[], line: number): void {
    const at = this.#pass.header.index.symbol
    if (at === undefined) return
    const symbol = (cells[at] as string).trim()
    this.#symbol ??= symbol
    if (symbol === this.#symbol) return
    throw csvUnreadable({
      file: this.#file,
      line,
      column: this.#columnName(at),
      received: quoteCell(symbol),
      expected: `${quoteCell(this.#symbol)} in every row`,
      remedy: 'Make one file per symbol.',
    })
  }

  #columnName(at: number): string {
    return this.#pass.header.names[at] as string
  }
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
