/**
 * How long a CSV of a million daily rows takes to read, check and store.
 *
 *     node bench/market/ingest.ts [--json] [--rows 1000000] [--rounds 5]
 *
 * Makes the file once, checks that what is read is what was written, then times every round in a
 * process of its own. Prints medians and raw values; writes only to the system's temporary folder.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

import { createBarStore } from '../../src/market/bar-store.ts'
import type { BarColumns } from '../../src/market/bars.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { createBars } from '../../src/market/create-bars.ts'
import { parseDailyCsv } from '../../src/market/csv/parse-daily-csv.ts'
import { checkBars } from '../../src/market/quality.ts'
import { formatDay, parseIsoDate } from '../../src/market/trading-date.ts'
import { machine, median, report } from '../measure.ts'

const PHASES = ['readFile', 'parse', 'digest', 'check', 'save', 'total'] as const
type Timings = Record<(typeof PHASES)[number], number>

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    /** Internal: one round over the file, its timings on stdout. */
    round: { type: 'string' },
  },
})

if (flags.round === undefined) await main(Number(flags.rows), Number(flags.rounds))
else console.log(JSON.stringify(await timeRound(flags.round)))

async function main(rows: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tickerflow-bench-'))
  try {
    const path = join(folder, 'million.csv')
    const bytes = await writeCsv(path, rows)
    await verify(path, rows)
    const timings: Timings[] = []
    for (let round = 0; round < rounds; round++) timings.push(await roundInOwnProcess(path))
    report({ ...machine(), rows, megabytes: bytes / 1e6, ...figures(timings) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A random walk over the New York sessions from 1981 on, as long as it takes. */
function* walk(rows: number): Generator<readonly [number, number, number, number, number, number]> {
  const calendar = createCalendar('nyse')
  let day = parseIsoDate('1981-01-01') as number
  let close = 100
  let state = 20260101
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 0x1_0000_0000
  }
  for (let row = 0; row < rows; row++) {
    day = calendar.nextSession(day)
    const opened = round6(close * (1 + 0.01 * (uniform() - 0.5)))
    const pull = 0.001 * (100 / close - 1)
    close = round6(opened * (1 + 0.03 * (uniform() - 0.5) + pull))
    const high = round6(Math.max(opened, close) * (1 + 0.01 * uniform()))
    const low = round6(Math.min(opened, close) * (1 - 0.01 * uniform()))
    yield [day, opened, high, low, close, 1_000_000 + Math.floor(9_000_000 * uniform())]
  }
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

async function writeCsv(path: string, rows: number): Promise<number> {
  const file = await open(path, 'w')
  let lines = ['Date,Open,High,Low,Close,Adj Close,Volume']
  let bytes = 0
  const flush = async () => {
    bytes += (await file.write(`${lines.join('\n')}\n`)).bytesWritten
    lines = []
  }
  for (const [day, opened, high, low, close, volume] of walk(rows)) {
    lines.push(`${formatDay(day)},${opened},${high},${low},${close},${close},${volume}`)
    if (lines.length >= 20_000) await flush()
  }
  if (lines.length > 0) await flush()
  await file.close()
  return bytes
}

/** The plain reference: what was generated is what is read, and the checks find nothing. */
async function verify(path: string, rows: number): Promise<void> {
  const { columns, findings, origin } = parseDailyCsv(await readFile(path), { file: path })
  const sum = createHash('sha256')
  const expected = createHash('sha256')
  for (const row of walk(rows)) expected.update(`${row.join()}\n`)
  for (let i = 0; i < columns.date.length; i++) sum.update(`${rowOf(columns, i).join()}\n`)
  if (sum.digest('hex') !== expected.digest('hex')) throw new Error('The CSV was misread')
  const bars = createBars({ symbol: 'BENCH', basis: 'split-adjusted', source: 'bench', columns })
  const options = { calendar: createCalendar('nyse'), now: 0, historical: true, origin }
  const found = [...findings, ...checkBars(bars, options)]
  if (found.length > 0) throw new Error(`Unexpected findings: ${JSON.stringify(found)}`)
}

function rowOf({ date, open, high, low, close, volume }: BarColumns, i: number) {
  return [date[i], open[i], high[i], low[i], close[i], volume[i]]
}

async function roundInOwnProcess(path: string): Promise<Timings> {
  const program = fileURLToPath(import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--round', path])
  return JSON.parse(stdout) as Timings
}

async function timeRound(path: string): Promise<Timings> {
  const directory = await mkdtemp(join(tmpdir(), 'tickerflow-bench-store-'))
  const store = createBarStore({ directory, temporaryDirectory: directory, clock: () => 0 })
  const marks = [performance.now()]
  const mark = () => marks.push(performance.now())
  const bytes = await readFile(path)
  mark()
  const { columns, origin } = parseDailyCsv(bytes, { file: path })
  mark()
  const bars = createBars({ symbol: 'BENCH', basis: 'split-adjusted', source: 'bench', columns })
  mark()
  checkBars(bars, { calendar: createCalendar('nyse'), now: 0, historical: true, origin })
  mark()
  await store.save(bars)
  mark()
  await rm(directory, { recursive: true, force: true })
  const spans = marks.slice(1).map((end, i) => end - (marks[i] as number))
  const [readFileMs = 0, parse = 0, digest = 0, check = 0, save = 0] = spans
  const total = spans.reduce((sum, span) => sum + span, 0)
  return { readFile: readFileMs, parse, digest, check, save, total }
}

/** Per phase: `parseMs` is the median, `parseMsRaw` the rounds in order. */
function figures(timings: readonly Timings[]): Record<string, unknown> {
  const entries = PHASES.flatMap((phase) => {
    const raw = timings.map((timing) => Math.round(timing[phase]))
    return [
      [`${phase}Ms`, median(raw)],
      [`${phase}MsRaw`, raw],
    ] as const
  })
  return Object.fromEntries(entries)
}
