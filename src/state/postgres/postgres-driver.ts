/** PostgreSQL's driver and kysely, where they are installed. */
import type { ClientConfig, CustomTypesConfig } from 'pg'
import { TickerflowError } from '../../errors.ts'

/** No statement and no lock is waited for longer than SQLite's are. */
export const STATEMENT_TIMEOUT_MS = 20_000
const CONNECT_TIMEOUT_MS = 5_000

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

export function clientConfig(url: string, { pg }: Pg): ClientConfig {
  const types: CustomTypesConfig = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format as 'text'),
  }
  return {
    connectionString: url,
    types,
    application_name: 'tickerflow',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: STATEMENT_TIMEOUT_MS,
    // Of a network that swallows everything, only the client's own clock tells.
    query_timeout: STATEMENT_TIMEOUT_MS + 2_000,
    keepAlive: true,
  }
}

/** The address without user and password. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
