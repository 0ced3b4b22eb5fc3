/** Whether the program's own records can be reached where they are kept for several machines. */
import type { Config } from '../../config.ts'
import { probePostgres } from '../../state/postgres/probe-postgres.ts'
import { type DoctorFinding, failure, failureOf, ok, warning } from './finding.ts'

/** The first that can tell what became of a transaction. */
const LEAST_POSTGRES = 13
const CLOCK_TOLERANCE_MS = 5_000

export async function checkState(
  { state }: Pick<Config, 'state'>,
  machineClock: () => number,
): Promise<readonly DoctorFinding[]> {
  if (state.postgres === undefined) return []
  try {
    const { version, place, clockOffsetMs } = await probePostgres(state.postgres, machineClock)
    const found = `PostgreSQL ${version} at ${place}`
    if (Number.parseInt(version, 10) < LEAST_POSTGRES) {
      return [failure('state', found, `Update it to ${LEAST_POSTGRES} or newer.`)]
    }
    if (Math.abs(clockOffsetMs) <= CLOCK_TOLERANCE_MS) return [ok('state', found)]
    const seconds = Math.round(Math.abs(clockOffsetMs) / 1_000)
    const side = clockOffsetMs > 0 ? 'behind' : 'ahead of'
    return [
      warning(
        'state',
        `${found}; this machine's clock is ${seconds} s ${side} its clock`,
        "Set the clock: records go by the server's, the calendars of other programs by this one's.",
      ),
    ]
  } catch (error) {
    return [failureOf('state', error)]
  }
}
