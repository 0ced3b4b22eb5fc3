/** Prices of many symbols from files into the store, checked symbol by symbol. */
import type { PriceSeries } from '../../market/bars.ts'
import { createBars } from '../../market/create-bars.ts'
import type { Finding } from '../../market/finding.ts'
import { hasBlocking } from '../../market/finding.ts'
import { type DuckDbOptions, openDuckDb } from '../../market/panel/duckdb.ts'
import { readLongPrices } from '../../market/panel/long-prices.ts'
import { type PanelPrices, panelOf } from '../../market/panel/panel-prices.ts'
import type { UniverseSnapshot, UniverseStore } from '../../market/panel/universe-store.ts'
import { checkBars } from '../../market/quality.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { NO_ROWS_TO_FIT_ON } from '../market-data.ts'

/** Symbols in a file: some 25 MB, a second's work for one thread. */
export const SYMBOLS_PER_PART = 250

export interface UniverseImport {
  readonly store: UniverseStore
  readonly name: string
  /** Paths or glob patterns. */
  readonly files: readonly string[]
  readonly calendar: TradingCalendar
  /** UTC milliseconds. */
  readonly now: number
  /** Of DuckDB while it sorts. */
  readonly database: DuckDbOptions
  readonly signal?: AbortSignal
  /** Called with the symbols that have been looked at. */
  readonly onProgress?: (symbols: number) => void
}

export interface ImportedUniverse {
  readonly snapshot: UniverseSnapshot
  /** Symbols that the data checks keep out, with what they found. */
  readonly blocked: readonly { readonly symbol: string; readonly findings: readonly Finding[] }[]
  /** Warnings on symbols that are in. */
  readonly warnings: number
}

/**
 * Sorts, checks and keeps the prices. A symbol with a blocking finding stays out and is named; the
 * others are kept. Series that ended in the past are: a universe without its dead would flatter every
 * model.
 *
 * @throws {TickerflowError} UNIVERSE_INVALID when nothing is left or the files can't be read,
 *   SYMBOL_INVALID, INTERRUPTED, STORE_UNWRITABLE, DUCKDB_UNAVAILABLE.
 */
export async function importUniverse(work: UniverseImport): Promise<ImportedUniverse> {
  const db = await openDuckDb(work.database)
  const sorted = { blocked: [] as ImportedUniverse['blocked'][number][], warnings: 0, seen: 0 }
  const panels = async function* (): AsyncGenerator<PanelPrices> {
    let group: PriceSeries[] = []
    for await (const series of readLongPrices(db, work.files)) {
      work.onProgress?.(++sorted.seen)
      const findings = check(series, work)
      if (hasBlocking(findings)) {
        sorted.blocked.push({ symbol: series.symbol, findings })
        continue
      }
      sorted.warnings += findings.length
      group.push(series)
      if (group.length < SYMBOLS_PER_PART) continue
      yield panelOf(group)
      group = []
    }
    if (group.length > 0) yield panelOf(group)
  }
  try {
    const { store, name, files, signal } = work
    const origin = { name, source: files.join(', '), ...(signal === undefined ? {} : { signal }) }
    const snapshot = await store.save(origin, panels())
    return { snapshot, blocked: sorted.blocked, warnings: sorted.warnings }
  } finally {
    db.close()
  }
}

function check(series: PriceSeries, { files, calendar, now }: UniverseImport): Finding[] {
  const { symbol, ...columns } = series
  const source = files.join(', ')
  const bars = createBars({ symbol, basis: 'split-adjusted', source, columns })
  return checkBars(bars, { calendar, now, historical: true, limits: NO_ROWS_TO_FIT_ON })
}
