/** Daily bars from a CSV file on disk. */

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

import type { Bars, Dividend, PriceBasis, Split } from '../bars.ts'
import { createBars } from '../create-bars.ts'
import { csvUnreadable } from '../csv/csv-error.ts'
import { parseDailyCsv } from '../csv/parse-daily-csv.ts'
import type { BarsOrigin, Finding } from '../finding.ts'

export interface CsvFileOptions {
  readonly symbol: string
  /**
   * What the prices in the file mean. The usual exports (Yahoo, Investing.com, Nasdaq) are adjusted
   * for splits.
   *
   * @default 'split-adjusted'
   */
  readonly basis?: PriceBasis
  readonly dividends?: readonly Dividend[]
  readonly splits?: readonly Split[]
}

/** Bars as they were read, with what is needed to judge them and to name their lines. */
export interface CsvReading {
  readonly bars: Bars
  readonly origin: BarsOrigin
  /** What the reader left out; pass the bars and the origin to `checkBars` for the rest. */
  readonly findings: readonly Finding[]
}

/**
 * Reads a CSV file of daily bars.
 *
 * @throws {TickerflowError} `CSV_UNREADABLE` when there is no such file or it holds no daily bars.
 */
export async function readCsvBars(path: string, options: CsvFileOptions): Promise<CsvReading> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadableFile(path, cause)
  })
  const { columns, origin, findings } = parseDailyCsv(bytes, { file: path })
  const basis = options.basis ?? 'split-adjusted'
  const bars = createBars({ ...options, basis, columns, source: `csv:${basename(path)}` })
  return { bars, origin, findings }
}

function unreadableFile(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return csvUnreadable(
    {
      file: path,
      received: `no readable file (${reason})`,
      expected: 'a CSV file of daily bars',
      remedy: 'Check the path and its permissions.',
    },
    cause,
  )
}
