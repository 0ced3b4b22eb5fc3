/** The records of a CSV text with their line numbers; Papa Parse does the splitting and unquoting. */

import Papa from 'papaparse'

import { csvUnreadable, quoteCell } from './csv-error.ts'

/** Receives the cells of one record and its line; returning `false` ends the reading. */
export type RecordHandler = (cells: readonly string[], line: number) => boolean | undefined

export interface CsvText {
  readonly file: string
  /** Line ends are `\n`. */
  readonly text: string
  readonly delimiter: string
}

/**
 * Calls the handler for every record that is not blank.
 *
 * @throws {TickerflowError} `CSV_UNREADABLE` at a quotation mark that is never closed.
 */
export function forEachRecord({ file, text, delimiter }: CsvText, handle: RecordHandler): void {
  const mayHoldNewlines = text.includes('"')
  let line = 1
  Papa.parse<string[]>(text, {
    delimiter,
    newline: '\n',
    step: ({ data, errors }, parser) => {
      const broken = errors.find(({ type }) => type === 'Quotes')
      if (broken !== undefined) throw brokenQuotes(file, line, data)
      const blank = data.length === 1 && data[0]?.trim() === ''
      if (!blank && handle(data, line) === false) parser.abort()
      line += 1 + (mayHoldNewlines ? newlinesIn(data) : 0)
    },
  })
}

function newlinesIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
}

function brokenQuotes(file: string, line: number, cells: readonly string[]): Error {
  return csvUnreadable({
    file,
    line,
    received: `a quotation mark without its partner in ${quoteCell(cells.join(' '))}`,
    expected: 'every quoted cell to begin and end with one',
    remedy: 'Remove or complete the quotation mark.',
  })
}
