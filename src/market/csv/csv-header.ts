/** Which column holds what: the header lines of the usual sources, and any with the usual names. */

import { csvUnreadable, quoteCell } from './csv-error.ts'

export type CsvDialect = 'yahoo' | 'stooq' | 'investing' | 'nasdaq' | 'generic'
export type CsvField = 'date' | 'open' | 'high' | 'low' | 'close' | 'adjusted' | 'volume' | 'symbol'

export interface CsvHeader {
  readonly dialect: CsvDialect
  /** Column names as the file spells them. */
  readonly names: readonly string[]
  /** Index of the column of each field that the file has. */
  readonly index: Readonly<Partial<Record<CsvField, number>>>
}

/** Names by field, best first, in lower case without spaces and punctuation. */
const ALIASES: Readonly<Record<CsvField, readonly string[]>> = {
  date: ['date', 'tradedate', 'tradingday', 'day', 'timestamp', 'datetime', 'time', 't'],
  open: ['open', 'openprice', 'o'],
  high: ['high', 'highprice', 'max', 'h'],
  low: ['low', 'lowprice', 'min', 'l'],
  close: ['close', 'closeprice', 'closelast', 'last', 'price', 'c'],
  adjusted: ['adjclose', 'adjustedclose', 'adjcloseprice'],
  volume: ['volume', 'totalvolume', 'vol', 'v'],
  symbol: ['symbol', 'ticker'],
}
const REQUIRED: readonly CsvField[] = ['date', 'open', 'high', 'low', 'close', 'volume']
const YAHOO = 'date,open,high,low,close,adjclose,volume'
const STOOQ = 'date,open,high,low,close,volume'

/** The character that separates the columns: the most frequent candidate of the header line. */
export function detectDelimiter(headerLine: string): string {
  const outside = headerLine.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((mark) => [mark, outside.split(mark).length] as const)
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0]
}

/**
 * Finds the columns of a daily series in a header line; columns of other names are ignored.
 *
 * @throws {TickerflowError} `CSV_UNREADABLE` when one is missing or two have the same name.
 */
export function recogniseHeader(names: readonly string[], file: string, line: number): CsvHeader {
  const keys = names.map(normaliseName)
  const index: Partial<Record<CsvField, number>> = {}
  for (const [field, aliases] of Object.entries(ALIASES) as [CsvField, readonly string[]][]) {
    const key = aliases.find((alias) => keys.includes(alias))
    if (key === undefined) continue
    if (keys.indexOf(key) !== keys.lastIndexOf(key)) throw twoColumns(file, line, key)
    index[field] = keys.indexOf(key)
  }
  const missing = REQUIRED.filter((field) => index[field] === undefined)
  if (missing.length > 0) throw missingColumns(file, line, { names, missing })
  return { dialect: dialectOf(keys), names: names.map((name) => name.trim()), index }
}

function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function dialectOf(keys: readonly string[]): CsvDialect {
  const joined = keys.join(',')
  if (joined === YAHOO) return 'yahoo'
  if (joined === STOOQ) return 'stooq'
  if (keys.includes('price') && keys.includes('vol')) return 'investing'
  if (keys.includes('closelast')) return 'nasdaq'
  return 'generic'
}

function twoColumns(file: string, line: number, key: string): Error {
  return csvUnreadable({
    file,
    line,
    received: `two columns named '${key}'`,
    expected: 'one of each',
    remedy: 'Rename or remove the one that is not meant.',
  })
}

function missingColumns(
  file: string,
  line: number,
  found: { readonly names: readonly string[]; readonly missing: readonly string[] },
): Error {
  const plural = found.missing.length > 1 ? 's' : ''
  return csvUnreadable({
    file,
    line,
    received: `the columns ${found.names.map(quoteCell).join(', ')}`,
    expected: `also the column${plural} ${found.missing.map(quoteCell).join(', ')}`,
    remedy:
      'The first line must name the columns, such as Date,Open,High,Low,Close,Volume in any order: ' +
      'add it, or rename the columns.',
  })
}
