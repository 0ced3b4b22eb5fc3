/** The append-only record of every forecast issued. A forecast is answered once its line is kept. */
import { optionalNumberOf } from '../../sqlite/row.ts'
import type { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { assertIssued, type LedgerEntry, type LinePlace } from './ledger-line.ts'
import { createLineWriter } from './line-writer.ts'

export interface ForecastLedger {
  /**
   * Appends lines in one piece and resolves when they are in the write-ahead log: they survive the
   * end of the process from then on. Calls made in the same turn of the event loop share a commit.
   *
   * @returns The lines' places, in the order of `entries`.
   * @throws {RangeError} On a forecast that cannot be one; the other calls' lines stand.
   * @throws {TickerflowError} STORE_BUSY, STORE_UNWRITABLE, STORE_DAMAGED: nothing was recorded.
   */
  append(entries: readonly LedgerEntry[]): Promise<readonly LinePlace[]>
  /** Commits what waits. The connection is the caller's to close. */
  close(): Promise<void>
}

export interface LedgerOptions {
  /** `tickerflow.db` with `LEDGER_SCHEMA`. */
  readonly database: SqliteConnection
  /** Name of the writer's chain, such as `cli` or `api-1`. */
  readonly chain: string
}

interface Waiting {
  readonly entries: readonly LedgerEntry[]
  readonly resolve: (places: readonly LinePlace[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * A day's lines touch one page for each track. Kept in memory, and moved from the log to the file only
 * after many appends, such a page is written once for many lines: 64 MB each.
 */
const FOR_MANY_TRACKS = 'PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384'

export function openForecastLedger({ database, chain }: LedgerOptions): ForecastLedger {
  database.execute(FOR_MANY_TRACKS)
  const writer = createLineWriter(database, chain)
  let waiting: Waiting[] = []
  let scheduled = false

  const flush = () => {
    scheduled = false
    const group = waiting
    waiting = []
    if (group.length === 0) return
    try {
      const written = database.transaction(() =>
        group.map(({ entries, resolve }) => ({ resolve, places: writer.write(entries) })),
      )
      for (const { resolve, places } of written) resolve(places)
    } catch (error) {
      writer.forget()
      for (const { reject } of group) reject(error)
    }
  }

  return {
    append(entries) {
      return new Promise((resolve, reject) => {
        for (const { forecast } of entries) assertIssued(forecast)
        waiting.push({ entries, resolve, reject })
        if (scheduled) return
        scheduled = true
        setImmediate(flush)
      })
    },
    async close() {
      flush()
    },
  }
}

/** Lines of all chains together. */
export function countLines(database: StateDatabase): number {
  const row = database
    .prepare(
      `SELECT sum((SELECT max(seq) FROM ledger_lines l WHERE l.chain = c.chain)) AS n
       FROM ledger_chains c`,
    )
    .get()
  return row === undefined ? 0 : (optionalNumberOf(row, 'n') ?? 0)
}
