/** A look at the server that changes nothing: does it answer, and what time is it there? */
import { clientConfig, loadPg, placeOf, waitsOf } from './postgres-driver.ts'
import { failureOf, postgresError } from './postgres-failure.ts'

export interface PostgresProbe {
  /** Without user and password. */
  readonly place: string
  /** Such as `15.14`. */
  readonly version: string
  /** How far this machine's clock is behind the server's. */
  readonly clockOffsetMs: number
}

const PATIENCE_MS = 3_000

/** @throws {TickerflowError} STATE_UNREACHABLE; CONFIG_INVALID when the driver is not installed. */
export async function probePostgres(
  url: string,
  machineClock: () => number,
): Promise<PostgresProbe> {
  const driver = await loadPg()
  const place = placeOf(url)
  const client = new driver.pg.Client(clientConfig(url, driver, waitsOf(PATIENCE_MS)))
  client.on('error', () => {})
  try {
    await client.connect()
    const askedMs = machineClock()
    const { rows } = await client.query<{ version: string; now: number }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
         (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
    )
    const [{ version = '', now = askedMs } = {}] = rows
    return { place, version, clockOffsetMs: Math.round(now - (askedMs + machineClock()) / 2) }
  } catch (error) {
    throw postgresError(failureOf(error, true), place)
  } finally {
    await client.end().catch(() => {})
  }
}
