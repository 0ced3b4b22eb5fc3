/**
 * The state in PostgreSQL, through the same synchronous port as the embedded database: a thread
 * speaks to the server, and this one stands still until the reply is there.
 */
import { extname } from 'node:path'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Row } from '../../sqlite/row.ts'
import type { SqlValue, StateDatabase, StateStatement } from '../state-database.ts'
import { placeOf, type Waits, waitsOf } from './postgres-driver.ts'
import { postgresError, unreachable } from './postgres-failure.ts'
import { numberedText } from './postgres-script.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'

export interface PostgresDatabaseOptions {
  /** How long a server that does not answer is waited for, at each call. */
  readonly patienceMs: number
  /** After a call that waited in vain, how long the next ones fail without waiting. */
  readonly pauseMs?: number
}

type Answer = Exclude<ThreadReply, { readonly failure: unknown }>

const THREAD = new URL(`./postgres-thread${extname(import.meta.url)}`, import.meta.url)
const DEFAULT_PAUSE_MS = 500
/** Rows that `iterate` holds at once. */
const ROWS_AT_ONCE = 2_000

/** One writer at a time, as in SQLite; the second key is the schema's, so that stores do not mix. */
const BEGIN_WRITE = `BEGIN; SELECT pg_advisory_xact_lock(7415, hashtext(current_schema())); `
const STATUS = 'SELECT pg_xact_status($1::text::xid8) AS status'
const LOOK_AGAIN_MS = 50
/** To sleep on: nobody ever wakes it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4))
const BEGIN_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

export class PostgresDatabase implements StateDatabase {
  readonly #url: string
  readonly #place: string
  readonly #options: PostgresDatabaseOptions
  readonly #waits: Waits
  readonly #statements = new Map<string, StateStatement>()
  readonly #signal = new Int32Array(new SharedArrayBuffer(4))
  #thread: { readonly worker: Worker; readonly port: MessagePort } | undefined
  #inTransaction = false
  #cursors = 0
  #failsUntilMs = 0

  /** The tables have to be there: `migratePostgres`. */
  constructor(url: string, options: PostgresDatabaseOptions) {
    this.#url = url
    this.#place = placeOf(url)
    this.#options = options
    this.#waits = waitsOf(options.patienceMs)
    this.#thread = this.#start()
  }

  prepare(sql: string): StateStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const text = numberedText(sql)
    const statement: StateStatement = {
      all: (...values) => this.#ask(text, values).rows,
      get: (...values) => this.#ask(text, values).rows[0],
      run: (...values) => this.#ask(text, values),
    }
    this.#statements.set(sql, statement)
    return statement
  }

  *iterate(sql: string, ...values: readonly SqlValue[]): Iterable<Row> {
    const isOwn = !this.#inTransaction
    if (isOwn) this.#begin(BEGIN_READ)
    const cursor = `rows_${++this.#cursors}`
    try {
      this.#ask(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${numberedText(sql)}`, values)
      for (;;) {
        const { rows } = this.#ask(`FETCH ${ROWS_AT_ONCE} FROM ${cursor}`, [])
        yield* rows
        if (rows.length < ROWS_AT_ONCE) return
      }
    } finally {
      if (isOwn) this.#rollBack()
    }
  }

  read<T>(work: () => T): T {
    return this.#inTransaction ? work() : this.#transact(BEGIN_READ, work)
  }

  transaction<T>(work: () => T): T {
    return this.#inTransaction ? work() : this.#transact(BEGIN_WRITE, work)
  }

  close(): void {
    this.#thread?.port.postMessage('end')
    this.#thread = undefined
  }

  #transact<T>(begin: string, work: () => T): T {
    this.#begin(begin)
    let result: T
    try {
      result = work()
    } catch (error) {
      this.#rollBack()
      throw error
    }
    const id = begin === BEGIN_WRITE ? this.#transactionId() : undefined
    try {
      this.#ask('COMMIT', [])
      return result
    } catch (error) {
      this.#inTransaction = false
      if (id !== undefined && this.#isCommitted(id)) return result
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  #begin(sql: string): void {
    this.#send({ kind: 'begin', sql, values: [], patienceMs: this.#options.patienceMs })
    this.#inTransaction = true
  }

  /** Of a transaction that has written something. */
  #transactionId(): string | undefined {
    const { rows } = this.#ask('SELECT pg_current_xact_id_if_assigned()::text AS id', [])
    const id = rows[0]?.id
    return typeof id === 'string' ? id : undefined
  }

  /** The connection was cut while the commit was under way: the server knows what became of it. */
  #isCommitted(id: string): boolean {
    const untilMs = performance.now() + this.#waits.statementMs
    while (performance.now() < untilMs) {
      const { rows } = this.#ask(STATUS, [id])
      const status = rows[0]?.status
      if (status !== 'in progress') return status === 'committed'
      Atomics.wait(NEVER, 0, 0, LOOK_AGAIN_MS)
    }
    return false
  }

  #rollBack(): void {
    try {
      this.#ask('ROLLBACK', [])
    } catch {
      // With its connection, a transaction is undone by the server.
    } finally {
      this.#inTransaction = false
    }
  }

  #ask(sql: string, values: readonly SqlValue[]): Answer {
    const kind = this.#inTransaction ? 'within' : 'alone'
    return this.#send({ kind, sql, values, patienceMs: this.#options.patienceMs })
  }

  #send(request: ThreadRequest): Answer {
    if (request.kind !== 'within' && performance.now() < this.#failsUntilMs) {
      throw unreachable('it did not answer a moment ago', this.#place)
    }
    const reply = this.#exchange(request)
    if (!('failure' in reply)) {
      this.#failsUntilMs = 0
      return reply
    }
    if (reply.failure.isLost && request.kind !== 'within') {
      this.#failsUntilMs = performance.now() + (this.#options.pauseMs ?? DEFAULT_PAUSE_MS)
    }
    throw postgresError(reply.failure, this.#place)
  }

  #exchange(request: ThreadRequest): ThreadReply {
    this.#thread ??= this.#start()
    const { worker, port } = this.#thread
    const before = Atomics.load(this.#signal, 0)
    port.postMessage(request)
    const { connectMs, statementMs } = this.#waits
    // Each of the two attempts that the thread may make.
    const timeoutMs = 2 * (request.patienceMs + connectMs + 2 * statementMs)
    if (Atomics.wait(this.#signal, 0, before, timeoutMs) === 'timed-out') {
      void worker.terminate()
      this.#thread = undefined
      throw unreachable(`no answer within ${timeoutMs} ms`, this.#place)
    }
    const received = receiveMessageOnPort(port) as { readonly message: ThreadReply } | undefined
    if (received === undefined) throw unreachable('its thread has ended', this.#place)
    return received.message
  }

  #start() {
    const { port1, port2 } = new MessageChannel()
    const start: ThreadStart = {
      url: this.#url,
      waits: this.#waits,
      port: port2,
      signal: this.#signal,
    }
    const worker = new Worker(THREAD, { workerData: start, transferList: [port2] })
    worker.unref()
    port1.unref()
    return { worker, port: port1 }
  }
}
