/** Brings back the bars that a run has read: from the store, from the sample, or from a file. */
import type { Config } from '../config.ts'
import { isTickerflowError, TickerflowError } from '../errors.ts'
import type { Bars } from '../market/bars.ts'
import { readSampleBars } from '../market/providers/sample.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { inspectBars } from './market-data.ts'
import type { Comparison } from './reproduction.ts'

export interface DataQuestion {
  readonly run: Run
  readonly symbol: string
  readonly config: Config
  /** Bars of `symbol` to take instead of the stored ones. */
  readonly csv?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RecordedData {
  readonly panel: readonly Bars[]
  readonly comparisons: readonly Comparison[]
}

interface RecordedBars {
  readonly symbol: string
  readonly digest: string
  readonly source: string
}

/** The panel, the own symbol first; without the symbols whose bars are gone. */
export async function reproduceData(
  app: Application,
  question: DataQuestion,
): Promise<RecordedData> {
  const recorded = recordedBars(question.run)
  const own = recorded.filter(({ symbol }) => symbol === question.symbol)
  const others = recorded.filter(({ symbol }) => symbol !== question.symbol)
  if (own.length === 0) throw noData(question)
  const panel: Bars[] = []
  const comparisons: Comparison[] = []
  for (const one of [...own, ...others]) {
    const { bars, note } = await barsOf(app, one, question)
    if (bars !== undefined) panel.push(bars)
    const digests = { recorded: one.digest, now: bars?.digest ?? null }
    comparisons.push({ step: 'data', subject: one.symbol, ...digests, ...(note && { note }) })
  }
  return { panel, comparisons }
}

/** Data sets are recorded as `AAPL daily bars`, the whole digest in their source. */
function recordedBars({ inputs }: Run): RecordedBars[] {
  return inputs.flatMap(({ dataset: { name, source } }) => {
    const [symbol] = name.split(' ')
    const content = parseSource(source)
    return symbol === undefined || content === undefined ? [] : [{ symbol, ...content }]
  })
}

function parseSource(text: string): Omit<RecordedBars, 'symbol'> | undefined {
  try {
    const { digest, source } = JSON.parse(text)
    return typeof digest === 'string' ? { digest, source: String(source) } : undefined
  } catch {
    return undefined
  }
}

interface FoundBars {
  readonly bars?: Bars
  readonly note?: string
}

async function barsOf(
  app: Application,
  recorded: RecordedBars,
  { symbol, csv, config, signal }: DataQuestion,
): Promise<FoundBars> {
  const stored = await storedBars(app, recorded)
  if (csv === undefined || recorded.symbol !== symbol) return stored
  const { bars } = await inspectBars(app, { symbol, csv, config, signal })
  const note = stored.bars === undefined ? undefined : firstDifference(stored.bars, bars)
  return { bars, ...(note && { note }) }
}

async function storedBars(
  app: Application,
  { symbol, digest, source }: RecordedBars,
): Promise<FoundBars> {
  try {
    return { bars: await app.bars.load(symbol, digest) }
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    if (source !== 'sample') return { note: error.message }
    const bars = await readSampleBars(symbol)
    return bars.digest === digest ? { bars } : { bars, note: error.message }
  }
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const

/** A sentence about the first session that is not the same. */
function firstDifference(before: Bars, after: Bars): string | undefined {
  const rows = Math.max(before.date.length, after.date.length)
  for (let row = 0; row < rows; row++) {
    const [old, now] = [before.date[row], after.date[row]]
    if (old === undefined || now === undefined || old !== now) {
      return `session ${row + 1} is ${day(now)}, it was ${day(old)}`
    }
    for (const column of COLUMNS) {
      if (Object.is(before[column][row], after[column][row])) continue
      return `the ${column} of ${day(now)} is ${after[column][row]}, it was ${before[column][row]}`
    }
  }
  return undefined
}

function day(value: number | undefined): string {
  return value === undefined ? 'none' : formatDay(value)
}

function noData({ run, symbol }: DataQuestion): TickerflowError {
  return new TickerflowError(
    'NOT_FOUND',
    `Run ${run.id} does not say which bars of ${symbol} it read; only runs of \`tickerflow run\` and \`tickerflow train\` can be done again.`,
    { details: { run: run.id, symbol } },
  )
}
