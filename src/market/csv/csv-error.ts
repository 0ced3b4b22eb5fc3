import { TickerflowError } from '../../errors.ts'

export interface CsvDefect {
  readonly file: string
  /** From 1; the header is usually line 1. */
  readonly line?: number
  /** The column's name as the file spells it. */
  readonly column?: string
  readonly received: string
  readonly expected: string
  readonly remedy: string
}

/** `prices.csv line 17, column 'Close': received 'abc', expected a number. Correct the cell.` */
export function csvUnreadable(defect: CsvDefect, cause?: unknown): TickerflowError {
  const line = defect.line === undefined ? '' : ` line ${defect.line}`
  const column = defect.column === undefined ? '' : `, column '${defect.column}'`
  const message =
    `${defect.file}${line}${column}: received ${defect.received}, expected ${defect.expected}. ` +
    defect.remedy
  return new TickerflowError('CSV_UNREADABLE', message, { details: { ...defect }, cause })
}

/** A cell for an error message: in quotes, cut when long. */
export function quoteCell(cell: string): string {
  const text = cell.length > 60 ? `${cell.slice(0, 57)}...` : cell
  return `'${text.replace(/\s+/g, ' ')}'`
}
