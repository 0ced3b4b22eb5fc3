/** Opens the program's own records where the configuration says they are. */
import { type ForecastLedger, openForecastLedger } from './monitoring/ledger/forecast-ledger.ts'
import { openPostgresLedger } from './monitoring/ledger/postgres-ledger.ts'
import { watchLiveVersions } from './registry/live-versions.ts'
import { liveVersion, type Slot } from './registry/promotion-journal.ts'
import { openDatabase } from './sqlite/open-database.ts'
import type { ComponentSchema } from './sqlite/sqlite-migrations.ts'
import { clockOffsetMs, openPostgres, type PostgresState } from './state/postgres/open-postgres.ts'
import type { StateDatabase } from './state/state-database.ts'

export interface OpenStateOptions {
  /** `tickerflow.db`, where no server is named. */
  readonly file: string
  readonly postgres: string | undefined
  readonly patienceMs: number | undefined
  readonly schemas: readonly ComponentSchema[]
  /** UTC milliseconds. */
  readonly machineClock: () => number
}

export interface State {
  readonly database: StateDatabase
  readonly openLedger: (chain: string) => ForecastLedger
  readonly liveVersion: (slot: Slot) => number | undefined
  /** The clock that leases go by, UTC milliseconds: the server's where several machines share it. */
  readonly wallClock: () => number
  close(): Promise<void>
}

/** A promotion reaches every process within this time and that of a look. */
const LIVE_LAG_MS = 500
/** How often the machine's clock is compared with the server's. */
const CLOCK_EVERY_MS = 60_000

/** @throws {TickerflowError} STATE_UNREACHABLE, STORE_FORMAT, and what opening the file throws. */
export async function openState(options: OpenStateOptions): Promise<State> {
  const { postgres, schemas, patienceMs, machineClock } = options
  if (postgres === undefined) return openEmbedded(options)
  return await openShared(await openPostgres({ url: postgres, schemas, patienceMs }), machineClock)
}

function openEmbedded({ file, schemas, machineClock }: OpenStateOptions): State {
  const database = openDatabase(file, schemas)
  return {
    database,
    openLedger: (chain) => openForecastLedger({ database, chain }),
    liveVersion: (slot) => liveVersion(database, slot),
    wallClock: machineClock,
    close: async () => database.close(),
  }
}

async function openShared(state: PostgresState, machineClock: () => number): Promise<State> {
  const { database, db, driver } = state
  let offsetMs = await clockOffsetMs(state, machineClock)
  const comparison = setInterval(() => {
    // While the server does not answer, the last offset stands.
    clockOffsetMs(state, machineClock).then(
      (ms) => {
        offsetMs = ms
      },
      () => {},
    )
  }, CLOCK_EVERY_MS).unref()
  const live = watchLiveVersions({ database, everyMs: LIVE_LAG_MS, readAll })
  const ledgers: ForecastLedger[] = []

  async function readAll() {
    const { sql } = driver.kysely
    const { rows } = await sql<Slot & { version: number }>`
      SELECT DISTINCT ON (model, environment) model, environment, version FROM promotions
      WHERE committed_at IS NOT NULL ORDER BY model, environment, commit_number DESC`.execute(db)
    return rows
  }

  return {
    database,
    openLedger(chain) {
      const ledger = openPostgresLedger({ ...state, chain })
      ledgers.push(ledger)
      return ledger
    },
    liveVersion: live.of,
    wallClock: () => machineClock() + offsetMs,
    async close() {
      clearInterval(comparison)
      live.stop()
      for (const ledger of ledgers) await ledger.close()
      await state.close()
    },
  }
}
