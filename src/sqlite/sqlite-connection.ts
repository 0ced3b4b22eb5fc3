/** One SQLite file, opened the way every database of the store is: WAL, foreign keys, patience. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type ErrorCode, TickerflowError } from '../errors.ts'
import type { Row } from './row.ts'

const BUSY_TIMEOUT_MS = 20_000

/**
 * A connection with its prepared statements and transactions.
 *
 * The write-ahead log with `synchronous = NORMAL`: a committed transaction has been handed to the
 * operating system, so it survives the end of the process however violent; after a power cut the
 * last transactions may be gone, and the file is still consistent.
 */
export class SqliteConnection {
  readonly file: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #inTransaction = false

  /** @throws {TickerflowError} STORE_UNWRITABLE, STORE_BUSY or STORE_DAMAGED; names the file. */
  constructor(file: string, { busyTimeoutMs = BUSY_TIMEOUT_MS } = {}) {
    this.file = file
    this.#database = guarded(file, () => openDatabase(file, busyTimeoutMs))
  }

  /** The prepared statement of a constant SQL text; values are always bound, never spliced in. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** A statement that is not kept: for SQL that is put together anew for every search. */
  prepareOnce(sql: string): StatementSync {
    return this.#database.prepare(sql)
  }

  /** Rows one by one, by a statement of its own: several may be read side by side. */
  iterate(sql: string, ...values: readonly SQLInputValue[]): Iterable<Row> {
    return this.prepareOnce(sql).iterate(...values)
  }

  /** Runs a constant script, such as a schema. */
  execute(sql: string): void {
    guarded(this.file, () => this.#database.exec(sql))
  }

  /** Runs several reads on one snapshot: a writer's change is seen by all of them or by none. */
  read<T>(work: () => T): T {
    return this.#bracketed('BEGIN DEFERRED', work)
  }

  /**
   * Runs `work` as one write: everything in it happens or nothing does. Inside another transaction
   * it joins that one.
   */
  transaction<T>(work: () => T): T {
    return this.#bracketed('BEGIN IMMEDIATE', work)
  }

  #bracketed<T>(begin: string, work: () => T): T {
    if (this.#inTransaction) return work()
    return guarded(this.file, () => this.#transact(begin, work))
  }

  #transact<T>(begin: string, work: () => T): T {
    this.#database.exec(begin)
    this.#inTransaction = true
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }
}

function openDatabase(file: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs })
  try {
    useWriteAheadLog(database, performance.now() + busyTimeoutMs)
    database.exec(
      'PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON',
    )
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

/** SQLite itself does not wait when two connections make a new file's log at the same moment. */
function useWriteAheadLog(database: DatabaseSync, untilMs: number): void {
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      const busy =
        error instanceof Error && 'errcode' in error && primaryCode(error) === SQLITE_BUSY
      if (!busy || performance.now() >= untilMs) throw error
      Atomics.wait(NEVER, 0, 0, RETRY_MS)
    }
  }
}

const SQLITE_BUSY = 5
const RETRY_MS = 5
/** To sleep on: nobody ever wakes it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4))

function primaryCode({ errcode }: { readonly errcode: unknown }): number {
  return Number(errcode) & 0xff
}

interface Translation {
  readonly code: ErrorCode
  readonly advice: string
}

const BUSY: Translation = {
  code: 'STORE_BUSY',
  advice: 'stays locked by another process; wait for it to finish, or end it',
}
const UNWRITABLE: Translation = {
  code: 'STORE_UNWRITABLE',
  advice: 'cannot be written; check its permissions and the free space of the disk',
}
const DAMAGED: Translation = {
  code: 'STORE_DAMAGED',
  advice: 'is damaged or is not a database; restore it from a backup or use another --store',
}

/** By SQLite's primary result code. */
const TRANSLATIONS: ReadonlyMap<number, Translation> = new Map([
  [SQLITE_BUSY, BUSY],
  [6, BUSY],
  [8, UNWRITABLE],
  [10, UNWRITABLE],
  [11, DAMAGED],
  [13, UNWRITABLE],
  [14, UNWRITABLE],
  [26, DAMAGED],
])

function guarded<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translated(file, error)
  }
}

function translated(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const translation = TRANSLATIONS.get(primaryCode(error))
  if (translation === undefined) return error
  const { code, advice } = translation
  const message = `The database ${file} ${advice} (SQLite said: ${error.message}).`
  return new TickerflowError(code, message, { details: { file }, cause: error })
}
