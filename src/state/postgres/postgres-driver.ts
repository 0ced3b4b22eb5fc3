/** PostgreSQL's driver and kysely, where they are installed. */
import type { ClientConfig, CustomTypesConfig } from 'pg'
import { TickerflowError } from '../../errors.ts'

/** How long one connection, and one statement with its locks, is waited for at most. */
export interface Waits {
  readonly connectMs: number
  readonly statementMs: number
}

/** @param patienceMs How long a server that does not answer is waited for in all. */
export function waitsOf(patienceMs: number): Waits {
  return {
    connectMs: Math.min(5_000, Math.max(500, patienceMs)),
    statementMs: Math.min(20_000, Math.max(5_000, patienceMs)),
  }
}

const CLOCK_SLACK_MS = 1_000

/** bigint, numeric: counts and instants of this program are safe integers. */
const NUMBERS = new Set([20, 1700])

/** @throws {TickerflowError} CONFIG_INVALID when they are not installed. */
export async function loadDriver() {
  const [{ pg }, kysely, migration] = await installed([
    loadPg(),
    import('kysely'),
    import('kysely/migration'),
  ])
  return { pg, kysely, migration }
}

/** The driver alone: the thread needs no more, and starts the sooner. */
export async function loadPg() {
  const [{ default: pg }] = await installed([import('pg')])
  return { pg }
}

async function installed<const T extends readonly unknown[]>(packages: T) {
  try {
    return await Promise.all(packages)
  } catch (cause) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      'state.postgres needs two packages beside this one: npm install pg kysely.',
      { cause },
    )
  }
}

export type Driver = Awaited<ReturnType<typeof loadDriver>>

type Pg = Awaited<ReturnType<typeof loadPg>>

export function clientConfig(
  url: string,
  { pg }: Pg,
  { connectMs, statementMs }: Waits,
): ClientConfig {
  const types: CustomTypesConfig = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format as 'text'),
  }
  return {
    connectionString: url,
    types,
    application_name: 'tickerflow',
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: statementMs,
    // Of a network that swallows everything, only the client's own clock tells.
    query_timeout: statementMs + CLOCK_SLACK_MS,
    keepAlive: true,
  }
}

/** The address without user and password. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
