/** Copies of several databases, all as they were at one and the same instant. */
import { backup, DatabaseSync } from 'node:sqlite'
import { SqliteConnection } from './sqlite-connection.ts'

export interface DatabaseCopy {
  readonly file: string
  /** Must not exist. */
  readonly target: string
}

/** Pages between two moments at which others of this process may go on. */
const PAGES_PER_STEP = 4096
const BUSY_TIMEOUT_MS = 20_000

/**
 * Copies the databases while others go on writing them.
 *
 * Writers are held up only while the instant is chosen, some milliseconds: then each database is
 * read from its snapshot of that instant. What lies in the copies is what a power cut at that
 * moment would have left.
 *
 * @param onProgress Told the share of the work that is done, 0 to 1.
 * @throws {TickerflowError} STORE_BUSY when a writer holds a database for too long; STORE_DAMAGED.
 */
export async function copyDatabasesAtOneInstant(
  copies: readonly DatabaseCopy[],
  onProgress: (fraction: number) => void = () => undefined,
): Promise<void> {
  const snapshots = pinSnapshots(copies.map(({ file }) => file))
  try {
    for (const [at, { target }] of copies.entries()) {
      const snapshot = snapshots[at]
      if (snapshot === undefined) continue
      await backup(snapshot, target, {
        rate: PAGES_PER_STEP,
        progress: ({ totalPages, remainingPages }) =>
          onProgress((at + 1 - remainingPages / Math.max(1, totalPages)) / copies.length),
      })
    }
  } finally {
    for (const snapshot of snapshots) snapshot.close()
  }
}

/** Opens a read transaction on each file, at a moment when nobody writes any of them. */
function pinSnapshots(files: readonly string[]): readonly DatabaseSync[] {
  const [first, ...rest] = files
  if (first === undefined) return []
  const writer = new SqliteConnection(first)
  try {
    return writer.transaction(() => [pinned(first), ...pinSnapshots(rest)])
  } finally {
    writer.close()
  }
}

function pinned(file: string): DatabaseSync {
  const reader = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    // A transaction sees nothing before its first read: that read is what pins the snapshot.
    reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    return reader
  } catch (error) {
    reader.close()
    throw error
  }
}

/**
 * The first fault that SQLite finds in a database that nobody uses; `undefined` when it is sound.
 *
 * Leaves no log file beside it.
 */
export function findDatabaseFault(file: string): string | undefined {
  const database = new DatabaseSync(file)
  try {
    const [row] = database.prepare('PRAGMA integrity_check(1)').all()
    const said = String(row?.integrity_check)
    return said === 'ok' ? undefined : said
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    database.close()
  }
}
