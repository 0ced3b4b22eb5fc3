/**
 * One Parquet file of a universe: daily bars of a range of symbols, sorted by symbol and date, with
 * plain columns that any reader of Parquet knows: symbol, date, open, high, low, close, volume.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api'
import { type DuckDb, sqlText } from './duckdb.ts'
import { allocatePanel, type PanelPrices, PRICE_COLUMNS } from './panel-prices.ts'

/** Rows in a chunk: DuckDB's own vector size. */
const CHUNK_ROWS = 2048

/** Kinds of DECIMAL that are tried in turn: integers delta-encode, arbitrary doubles don't. */
const DECIMALS = [
  { type: 'decimal(9, 2)', unit: 100, limit: 1e7 },
  { type: 'decimal(9, 4)', unit: 10_000, limit: 1e5 },
] as const

/**
 * Writes the panel's rows to a file that is not there yet.
 *
 * A column goes out as DECIMAL where every value is one to the bit, else as DOUBLE; `readPart` gives
 * back the same doubles either way (a negative zero, which bars never have, as zero).
 */
export async function writePart(db: DuckDb, panel: PanelPrices, path: string): Promise<void> {
  // As an enumeration a symbol is a number per row while it is handed over, not a text.
  const symbols = panel.symbols.map(sqlText).join(', ')
  await db.connection.run(`create type symbol_of_part as enum (${symbols})`)
  await db.connection.run(
    'create temp table part (symbol symbol_of_part, date date, open double, high double, ' +
      'low double, close double, volume double)',
  )
  await appendRows(db, panel)
  const columns = PRICE_COLUMNS.map((name) => `${columnCast(panel, name)} as "${name}"`)
  // Without dictionaries DuckDB delta-encodes integers: half the size for prices.
  await db.connection.run(
    `copy (select symbol::varchar as symbol, date, ${columns.join(', ')} from part) to ${sqlText(path)} ` +
      '(format parquet, compression zstd, parquet_version V2, dictionary_size_limit 1)',
  )
  await db.connection.run('drop table part')
  await db.connection.run('drop type symbol_of_part')
}

async function appendRows({ api, connection }: DuckDb, panel: PanelPrices): Promise<void> {
  const { ENUM, DATE, DOUBLE, DuckDBDataChunk: Chunk } = api
  const appender = await connection.createAppender('part')
  const types = [ENUM(panel.symbols), DATE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE]
  for (const index of panel.symbols.keys()) {
    const end = panel.offset[index + 1] as number
    for (let from = panel.offset[index] as number; from < end; from += CHUNK_ROWS) {
      const to = Math.min(end, from + CHUNK_ROWS)
      const chunk = Chunk.create(types, to - from)
      copyColumn(chunk, 0, new Uint32Array(to - from).fill(index))
      copyColumn(chunk, 1, panel.date.subarray(from, to))
      for (const [column, name] of PRICE_COLUMNS.entries()) {
        copyColumn(chunk, column + 2, panel[name].subarray(from, to))
      }
      appender.appendDataChunk(chunk)
    }
  }
  appender.closeSync()
}

type Numbers = Float64Array | Int32Array | Uint32Array

/** What vectors of plain numbers have in common. */
interface NumberVector {
  readonly items: Numbers
  flush(): void
}

function copyColumn(chunk: DuckDBDataChunk, column: number, values: Numbers) {
  const vector = chunk.getColumnVector(column) as unknown as NumberVector
  vector.items.set(values)
  vector.flush()
}

function columnCast(panel: PanelPrices, name: (typeof PRICE_COLUMNS)[number]): string {
  if (name === 'volume')
    return panel.volume.every(Number.isSafeInteger) ? 'volume::bigint' : 'volume'
  const decimal = DECIMALS.find((candidate) => areDecimals(panel[name], candidate))
  return decimal === undefined ? `"${name}"` : `"${name}"::${decimal.type}`
}

/** Whether every value is below the limit and the double nearest to a whole number of 1/unit. */
function areDecimals(
  values: Float64Array,
  { unit, limit }: { readonly unit: number; readonly limit: number },
): boolean {
  return values.every(
    (value) => Math.abs(value) < limit && Math.round(value * unit) / unit === value,
  )
}

/**
 * Reads a file of `writePart`, or any Parquet file with its columns and order.
 *
 * @returns Columns in shared memory.
 */
export async function readPart(db: DuckDb, path: string): Promise<PanelPrices> {
  const source = `read_parquet(${sqlText(path)})`
  const counts = await db.connection.runAndReadAll(
    `select symbol, count(*)::integer from ${source} group by symbol order by symbol`,
  )
  const rowsOf = counts.getRows() as [string, number][]
  const rows = rowsOf.reduce((total, [, count]) => total + count, 0)
  const symbols = rowsOf.map(([symbol]) => symbol)
  const panel = allocatePanel(symbols, rows)
  for (const [index, [, count]] of rowsOf.entries()) {
    panel.offset[index + 1] = (panel.offset[index] as number) + count
  }
  const prices = PRICE_COLUMNS.map((name) => `"${name}"::double`).join(', ')
  const result = await db.connection.stream(`select date, ${prices} from ${source}`)
  let row = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    panel.date.set(numbersOf(chunk, 0), row)
    for (const [column, name] of PRICE_COLUMNS.entries()) {
      panel[name].set(numbersOf(chunk, column + 1), row)
    }
    row += chunk.rowCount
  }
  return panel
}

function numbersOf(chunk: DuckDBDataChunk, column: number): Numbers {
  return (chunk.getColumnVector(column) as unknown as NumberVector).items
}
