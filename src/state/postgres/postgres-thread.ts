/** Speaks to PostgreSQL for a thread that stands still until the answer is there. */
import { setTimeout as wait } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import type { Client } from 'pg'
import type { Row } from '../../sqlite/row.ts'
import { clientConfig, loadPg } from './postgres-driver.ts'
import { failureOf, type PostgresFailure } from './postgres-failure.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'

const RETRY_MS = 100

const { url, waits, port, signal } = workerData as ThreadStart
const driver = await loadPg()
const names = new Map<string, string>()
let client: Client | undefined

port.on('message', async (request: ThreadRequest | 'end') => {
  if (request === 'end') {
    await client?.end().catch(() => {})
    port.close()
    return
  }
  port.postMessage(await replyTo(request))
  Atomics.add(signal, 0, 1)
  Atomics.notify(signal, 0)
})

async function replyTo(request: ThreadRequest): Promise<ThreadReply> {
  const first = await attempt(request)
  const mayRepeat = request.kind === 'begin' || /^\s*SELECT\b/.test(request.sql)
  const isLost = 'failure' in first && first.failure.isLost
  // A connection that had died unnoticed, as after a restart of the server.
  return isLost && request.kind !== 'within' && mayRepeat ? await attempt(request) : first
}

async function attempt(request: ThreadRequest): Promise<ThreadReply> {
  const { sql, values, kind, patienceMs } = request
  try {
    const open = kind === 'within' ? client : await connected(patienceMs)
    if (open === undefined) return { failure: LOST }
    const results = await open.query<Row>(
      values.length === 0 ? sql : { name: nameOf(sql), text: sql, values: bound(values) },
    )
    // Of several statements in one message, the last one's.
    const result = [results].flat().at(-1)
    return { rows: plain(result?.rows ?? []), changes: result?.rowCount ?? 0 }
  } catch (error) {
    const failure = failureOf(error, client !== undefined)
    if (failure.isLost) drop()
    return { failure }
  }
}

const LOST: PostgresFailure = {
  message: 'the connection was lost within a transaction, which is undone',
  code: undefined,
  isLost: true,
}

async function connected(patienceMs: number): Promise<Client> {
  const untilMs = performance.now() + patienceMs
  while (client === undefined) {
    const opened = new driver.pg.Client(clientConfig(url, driver, waits))
    const forget = () => {
      if (client === opened) client = undefined
    }
    opened.on('error', forget)
    opened.on('end', forget)
    try {
      await opened.connect()
      client = opened
    } catch (error) {
      await opened.end().catch(() => {})
      const { isLost } = failureOf(error, true)
      if (!isLost || performance.now() + RETRY_MS >= untilMs) throw error
      await wait(RETRY_MS)
    }
  }
  return client
}

function drop(): void {
  const lost = client
  client = undefined
  lost?.end().catch(() => {})
}

/** A statement is prepared once on each connection, under a name of its own. */
function nameOf(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  const name = `s${names.size}`
  names.set(sql, name)
  return name
}

function bound(values: ThreadRequest['values']): unknown[] {
  return values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))
}

function plain(rows: readonly Row[]): Row[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        // SQLite has no truth values: 1 and 0.
        typeof value === 'boolean' ? Number(value) : value,
      ]),
    ),
  )
}
