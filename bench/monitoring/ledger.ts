/**
 * The ledger at scale: appends, live performance, a window's forecasts, verification.
 *
 *   node bench/monitoring/ledger.ts [--json] [--rows 10000000] [--keep DIR] [--postgres postgres://…]
 *
 * The rows are written as the program writes them, in batches of 1,000, for 500 symbols with a champion
 * and a baseline each; matured ones are scored by the program, too, for one symbol. It needs about 250
 * bytes of the temporary folder for each row, and removes them; `--keep` writes to a new folder instead and
 * leaves it. `--postgres` names an empty database, in which the tables are made and left.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createBars } from '../../src/market/create-bars.ts'
import type { LedgerEntry } from '../../src/monitoring/ledger/ledger-line.ts'
import { LEDGER_SCHEMA } from '../../src/monitoring/ledger/ledger-schema.ts'
import { matureForecasts } from '../../src/monitoring/ledger/outcomes.ts'
import { verifyLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import { listTracks, readTrack } from '../../src/monitoring/live-performance.ts'
import { performanceEntry } from '../../src/monitoring/performance/performance-entry.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { openState } from '../../src/open-state.ts'
import { machine, median, report } from '../measure.ts'

const SYMBOLS = 500
const BATCH = 1_000
const SINGLE = 4_000
const WINDOW = 250
const REPETITIONS = 9

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '10000000' },
    keep: { type: 'string' },
    postgres: { type: 'string' },
  },
})
const rows = Number(options.rows)
const days = Math.ceil(rows / SYMBOLS / 2)
const directory = options.keep ?? mkdtempSync(join(tmpdir(), 'bench-ledger-'))
mkdirSync(directory, { recursive: true })
const file = join(directory, 'tickerflow.db')
const state = await openState({
  ...{ file, postgres: options.postgres, patienceMs: undefined, schemas: [LEDGER_SCHEMA] },
  machineClock: () => Date.now(),
})
const { database } = state
const random = createRandom(7)
const shape = { degreesOfFreedom: 5, scale: 0.012 }
const close = Float64Array.from({ length: days + 2 }, () => 50 + random.uniform())

try {
  const batched = await append(rows, BATCH)
  const single = await append(SINGLE, 1)
  const symbol = symbolOf(0)
  const column = () => close.slice()
  const date = Int32Array.from(close, (_, day) => day)
  const columns = { date, open: column(), high: column(), low: column(), close, volume: column() }
  const bars = createBars({
    symbol,
    source: 'csv',
    columns,
    dividends: [],
    splits: [],
    basis: 'split-adjusted',
  })
  const settled = timed(() => matureForecasts(database, bars, 1))
  const [champion] = listTracks(database, symbol).filter(({ role }) => role === 'champion')
  if (champion === undefined) throw new Error('no champion was recorded')
  const entry = performanceEntry(database, champion, -1)
  if (entry.matured !== days) throw new Error(`${entry.matured} of ${days} have matured`)
  const verified = timed(() => verifyLedger(database))
  if (!verified.result.intact || verified.result.lines !== rows + SINGLE)
    throw new Error('not intact')
  report({
    ...machine(),
    rows,
    keeper: options.postgres === undefined ? 'SQLite' : 'PostgreSQL',
    megabytes: megabytes(),
    appendedPerSecondBatched: rows / batched,
    appendedPerSecondSingly: SINGLE / single,
    settleSeconds: settled.seconds,
    settledForecasts: settled.result.matured,
    livePerformanceMs: repeated(() => performanceEntry(database, champion, -1)),
    windowMs: repeated(() => readTrack(database, champion.track, days - WINDOW)),
    verifiedPerSecond: (rows + SINGLE) / verified.seconds,
  })
} finally {
  await state.close()
  if (options.keep === undefined) rmSync(directory, { recursive: true })
}

/** Seconds that appending took, `together` lines in each commit. */
async function append(count: number, together: number): Promise<number> {
  const ledger = state.openLedger(together === 1 ? 'single' : 'batched')
  const before = performance.now()
  for (let row = 0; row < count; row += together) {
    const size = Math.min(together, count - row)
    await ledger.append(Array.from({ length: size }, (_, i) => entryOf(row + i, together === 1)))
  }
  return (performance.now() - before) / 1000
}

function megabytes(): number {
  if (options.postgres === undefined) return statSync(file).size / 1_048_576
  const sql = 'SELECT pg_database_size(current_database()) AS n'
  return Number(database.prepare(sql).get()?.n) / 1_048_576
}

function symbolOf(number: number): string {
  return `S${number}`
}

/** Day by day, symbol by symbol, the champion and its baseline. */
function entryOf(row: number, isFurther: boolean): LedgerEntry {
  const [pair, isBaseline] = [Math.floor(row / 2), row % 2 === 1]
  const asOf = Math.floor(pair / SYMBOLS)
  return {
    forecast: {
      symbol: symbolOf(pair % SYMBOLS),
      horizon: isFurther ? 5 : 1,
      model: isBaseline ? 'naive' : `s${pair % SYMBOLS}-forecaster`,
      version: isBaseline ? 0 : 1,
      role: isBaseline ? 'baseline' : 'champion',
      asOf,
      issuedAtMs: asOf * 86_400_000,
      distribution: { ...shape, location: 0.001 * (random.uniform() - 0.5) },
      referenceClose: 50,
      inputs: 'ab'.repeat(32),
      late: false,
    },
  }
}

function timed<T>(work: () => T): { readonly result: T; readonly seconds: number } {
  const before = performance.now()
  const result = work()
  return { result, seconds: (performance.now() - before) / 1000 }
}

function repeated(work: () => unknown): number {
  return median(Array.from({ length: REPETITIONS }, () => 1000 * timed(work).seconds))
}
