/** The daily bars that ship with the program: real, historical, and free of any network. */

import { readFile } from 'node:fs/promises'

import { TickerflowError } from '../../errors.ts'
import type { Bars, Dividend, Split } from '../bars.ts'
import { createBars } from '../create-bars.ts'
import { parseDailyCsv } from '../csv/parse-daily-csv.ts'
import { parseSymbol } from '../symbol.ts'
import { parseIsoDate } from '../trading-date.ts'

/** The symbols with sample data. */
export const SAMPLE_SYMBOLS = ['AAPL', 'MSFT', 'IBM', 'GOOG'] as const

/** As far from src/market/providers as from dist/market/providers, so it holds when installed. */
const SAMPLE_FOLDER = new URL('../../../data/sample/', import.meta.url)

/**
 * The sample bars of a symbol: split-adjusted, 2000-03-01 (GOOG: 2004-08-19) to 2013-03-01.
 *
 * @throws {TickerflowError} `SYMBOL_UNKNOWN` for any other symbol; lists those there are.
 */
export async function readSampleBars(symbol: string): Promise<Bars> {
  const name = parseSymbol(symbol)
  if (!SAMPLE_SYMBOLS.some((known) => known === name)) throw unknownSample(name)
  const file = `${name}.csv`
  const [bytes, events] = await Promise.all([
    readFile(new URL(file, SAMPLE_FOLDER)),
    readSampleEvents(name),
  ])
  const { columns } = parseDailyCsv(bytes, { file })
  return createBars({ symbol: name, basis: 'split-adjusted', source: 'sample', columns, ...events })
}

interface SampleEvents {
  readonly splits: readonly Split[]
  readonly dividends: readonly Dividend[]
}

type EventFile = Record<
  string,
  {
    readonly splits: readonly { readonly date: string; readonly ratio: number }[]
    readonly dividends: readonly { readonly date: string; readonly amount: number }[]
  }
>

async function readSampleEvents(symbol: string): Promise<SampleEvents> {
  const text = await readFile(new URL('events.json', SAMPLE_FOLDER), 'utf8')
  const { splits, dividends } = (JSON.parse(text) as EventFile)[symbol] ?? {
    splits: [],
    dividends: [],
  }
  return {
    splits: splits.map(({ date, ratio }) => ({ day: dayOf(date), ratio })),
    dividends: dividends.map(({ date, amount }) => ({ day: dayOf(date), amount })),
  }
}

function dayOf(date: string): number {
  return parseIsoDate(date) ?? Number.NaN
}

function unknownSample(symbol: string): Error {
  const known = SAMPLE_SYMBOLS.join(', ')
  const message =
    `There is no sample data of ${symbol}, only of ${known}. Choose one of them, or another source: ` +
    '--source yahoo or --csv FILE.'
  return new TickerflowError('SYMBOL_UNKNOWN', message, {
    details: { symbol, known: SAMPLE_SYMBOLS },
  })
}
