/** Opens the state in PostgreSQL: its tables up to date, and both ways to it. */
import type { Kysely } from 'kysely'
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { PostgresDatabase } from './postgres-database.ts'
import { clientConfig, type Driver, loadDriver, placeOf, waitsOf } from './postgres-driver.ts'
import { failureOf, postgresError } from './postgres-failure.ts'

export interface OpenPostgresOptions {
  readonly url: string
  readonly schemas: readonly ComponentSchema[]
  /** How long a synchronous call waits for a server that does not answer. */
  readonly patienceMs?: number | undefined
  /** Connections for what need not wait: the ledger's appends, looks at what is live. */
  readonly connections?: number
}

/** What need not stand still while the server works: through kysely, on connections of its own. */
export interface PostgresConnections {
  readonly db: Kysely<unknown>
  readonly driver: Driver
  /** Without user and password. */
  readonly place: string
  /** How long a server that does not answer is waited for. */
  readonly patienceMs: number
}

export interface PostgresState extends PostgresConnections {
  /** Everything else, through the port that the embedded database has, too. */
  readonly database: PostgresDatabase
  close(): Promise<void>
}

const PATIENCE_MS = 20_000
const CONNECTIONS = 3

/**
 * @throws {TickerflowError} STATE_UNREACHABLE; STORE_FORMAT when a newer program has written the
 *   tables; CONFIG_INVALID when the driver is not installed.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresState> {
  const { url, schemas, patienceMs = PATIENCE_MS, connections = CONNECTIONS } = options
  const driver = await loadDriver()
  const place = placeOf(url)
  const config = clientConfig(url, driver, waitsOf(patienceMs))
  const pool = new driver.pg.Pool({ ...config, max: connections })
  // An idle connection that dies is replaced at the next use; of one in use, the query tells.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  const db = new driver.kysely.Kysely<unknown>({
    dialect: new driver.kysely.PostgresDialect({ pool }),
  })
  try {
    await migratePostgres(db, driver, schemas)
  } catch (error) {
    await db.destroy()
    const { code } = Object(error) as { code?: unknown }
    throw code === 'STORE_FORMAT' ? error : postgresError(failureOf(error, true), place)
  }
  const database = new PostgresDatabase(url, { patienceMs })
  return {
    db,
    driver,
    place,
    patienceMs,
    database,
    async close() {
      database.close()
      await db.destroy()
    },
  }
}

/** How far this machine's clock is behind the server's: what leases and due times of all go by. */
export async function clockOffsetMs(
  { db, driver }: PostgresConnections,
  wallClock: () => number,
): Promise<number> {
  const { sql } = driver.kysely
  const askedMs = wallClock()
  const { rows } = await sql<{ now: number }>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`.execute(db)
  const answeredMs = wallClock()
  return Math.round((rows[0]?.now ?? answeredMs) - (askedMs + answeredMs) / 2)
}
