/** PostgreSQL's driver and kysely, where they are installed. */
import type { ClientConfig, CustomTypesConfig } from 'pg'
import { TickerflowError } from '../../errors.ts'

/** No statement and no lock is waited for longer than SQLite's are. */
export const STATEMENT_TIMEOUT_MS = 20_000
const CONNECT_TIMEOUT_MS = 5_000

/** bigint, numeric: counts and instants of this program are safe integers. */
const NUMBERS = new Set([20, 1700])

export async function loadDriver() {
  try {
    const [{ default: pg }, kysely, migration] = await Promise.all([
      import('pg'),
      import('kysely'),
      import('kysely/migration'),
    ])
    return { pg, kysely, migration }
  } catch (cause) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      'state.postgres needs two packages beside this one: npm install pg kysely.',
      { cause },
    )
  }
}

export type Driver = Awaited<ReturnType<typeof loadDriver>>

export function clientConfig(url: string, { pg }: Pick<Driver, 'pg'>): ClientConfig {
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
