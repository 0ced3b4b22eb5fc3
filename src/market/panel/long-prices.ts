/**
 * Reads prices of many symbols from CSV or Parquet files in long form: a row per symbol and day, in any
 * order, over any number of files.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api'
import { TickerflowError } from '../../errors.ts'
import type { PriceSeries } from '../bars.ts'
import { parseSymbol } from '../symbol.ts'
import { type DuckDb, sqlText } from './duckdb.ts'
import { PRICE_COLUMNS } from './panel-prices.ts'

/** Names that the column of symbols goes by. */
const SYMBOL_NAMES = ['symbol', 'ticker']

/**
 * One series per symbol, symbols and dates ascending. Sorting spills to disk beyond DuckDB's memory.
 * Missing prices are NaN, for the data checks to judge.
 *
 * @param files Paths or glob patterns; `.parquet`, else CSV with a header.
 * @throws {TickerflowError} UNIVERSE_INVALID when a file cannot be read, lacks a column, or has a row
 *   without symbol or date; SYMBOL_INVALID.
 */
export async function* readLongPrices(
  db: DuckDb,
  files: readonly string[],
): AsyncGenerator<PriceSeries> {
  const source = sourceOf(files)
  const columns = await columnsOf(db, source, files)
  const prices = PRICE_COLUMNS.map(
    (name) => `coalesce("${columns[name]}"::double, 'nan'::double) as "${name}"`,
  )
  const query =
    `select "${columns.symbol}"::varchar as symbol, "${columns.date}"::date as date, ` +
    `${prices.join(', ')} from ${source} order by 1 nulls first, 2 nulls first`
  const result = await db.connection.stream(query).catch(unreadable(files))
  const growing = createGrowingSeries()
  for (;;) {
    const chunk = await result.fetchChunk().catch(unreadable(files))
    if (chunk === null || chunk.rowCount === 0) break
    yield* growing.append(rowsOf(chunk, files))
  }
  yield* growing.finish()
}

function sourceOf(files: readonly string[]): string {
  if (files.length === 0) throw invalid('No files were given', {})
  const list = `[${files.map(sqlText).join(', ')}]`
  const isParquet = files.map((file) => file.endsWith('.parquet'))
  if (isParquet.every(Boolean)) return `read_parquet(${list}, union_by_name = true)`
  if (isParquet.some(Boolean))
    throw invalid('CSV and Parquet files cannot be read at once', { files })
  return `read_csv(${list}, header = true, union_by_name = true)`
}

type ColumnName = 'symbol' | 'date' | (typeof PRICE_COLUMNS)[number]

async function columnsOf(
  db: DuckDb,
  source: string,
  files: readonly string[],
): Promise<Readonly<Record<ColumnName, string>>> {
  const described = await db.connection
    .runAndReadAll(`describe select * from ${source}`)
    .catch(unreadable(files))
  const present = described.getRows().map(([name]) => String(name))
  const find = (...names: readonly string[]) => {
    const found = present.find((column) => names.includes(column.trim().toLowerCase()))
    if (found !== undefined) return found.replaceAll('"', '""')
    throw invalid(
      `${files.join(', ')} has no column '${names[0]}'; it has: ${present.join(', ')}. Expected ` +
        'symbol, date, open, high, low, close, volume',
      { files, columns: present },
    )
  }
  return {
    symbol: find(...SYMBOL_NAMES),
    date: find('date'),
    open: find('open'),
    high: find('high'),
    low: find('low'),
    close: find('close'),
    volume: find('volume'),
  }
}

/** Rows as they come: a symbol's may go on in the next ones. */
interface Rows {
  readonly symbol: readonly string[]
  readonly date: Int32Array
  readonly prices: readonly Float64Array[]
}

function rowsOf(chunk: DuckDBDataChunk, files: readonly string[]): Rows {
  const symbol = chunk.getColumnValues(0)
  const dates = chunk.getColumnValues(1)
  for (const [row, name] of symbol.entries()) {
    if (name === null || dates[row] === null) {
      throw invalid(
        `${files.join(', ')} has a row without ${name === null ? 'a symbol' : `a date, of ${name}`}`,
        { files },
      )
    }
  }
  const numbers = (column: number) =>
    (chunk.getColumnVector(column) as unknown as { readonly items: Float64Array | Int32Array })
      .items
  return {
    symbol: symbol as string[],
    date: Int32Array.from(numbers(1)),
    prices: PRICE_COLUMNS.map((_, column) => Float64Array.from(numbers(column + 2))),
  }
}

/** Gathers the rows of one symbol until the next one begins. */
function createGrowingSeries() {
  let symbol: string | undefined
  let pieces: Omit<Rows, 'symbol'>[] = []
  const finish = function* (): Generator<PriceSeries> {
    if (symbol !== undefined) yield joinPieces(symbol, pieces)
    pieces = []
  }
  return {
    finish,
    *append(rows: Rows): Generator<PriceSeries> {
      let from = 0
      while (from < rows.date.length) {
        const name = rows.symbol[from] as string
        let to = from + 1
        while (to < rows.date.length && rows.symbol[to] === name) to++
        if (name !== symbol) {
          yield* finish()
          symbol = name
        }
        pieces.push({
          date: rows.date.subarray(from, to),
          prices: rows.prices.map((column) => column.subarray(from, to)),
        })
        from = to
      }
    },
  }
}

function joinPieces(name: string, pieces: readonly Omit<Rows, 'symbol'>[]): PriceSeries {
  const rows = pieces.reduce((total, { date }) => total + date.length, 0)
  const date = new Int32Array(rows)
  const columns = PRICE_COLUMNS.map(() => new Float64Array(rows))
  let row = 0
  for (const piece of pieces) {
    date.set(piece.date, row)
    for (const [index, column] of columns.entries()) {
      column.set(piece.prices[index] as Float64Array, row)
    }
    row += piece.date.length
  }
  const [open, high, low, close, volume] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { symbol: parseSymbol(name), date, open, high, low, close, volume }
}

function unreadable(files: readonly string[]) {
  return (cause: unknown): never => {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause)
    throw invalid(`Cannot read ${files.join(', ')} as daily prices: ${reason}`, { files }, cause)
  }
}

function invalid(
  message: string,
  details: Record<string, unknown>,
  cause?: unknown,
): TickerflowError {
  return new TickerflowError('UNIVERSE_INVALID', `${message}.`, { details, cause })
}
