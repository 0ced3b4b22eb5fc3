/** What PostgreSQL's failures mean for the program. */
import { type ErrorCode, TickerflowError } from '../../errors.ts'

/** A failure as it crosses threads. */
export interface PostgresFailure {
  readonly message: string
  /** SQLSTATE, or the system's code of a connection that failed. */
  readonly code: string | undefined
  /** The connection is gone, or never came about. */
  readonly isLost: boolean
}

/** @param hasConnection Whether the client that failed can still be used. */
export function failureOf(error: unknown, hasConnection: boolean): PostgresFailure {
  const { message, code } = Object(error) as { message?: unknown; code?: unknown }
  const state = typeof code === 'string' ? code : undefined
  const isLost = !hasConnection || isConnectionState(state) || /timeout/i.test(String(message))
  // Node gathers the failures of several addresses in one error without a message.
  return { message: String(message || code || error), code: state, isLost }
}

/** Class 08, the server's end, and no room for another connection. */
function isConnectionState(state: string | undefined): boolean {
  return (
    state !== undefined && /^(08|57P0[123]|53300|ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT)/.test(state)
  )
}

const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['55P03', 'STORE_BUSY'],
  ['57014', 'STORE_BUSY'],
  ['40001', 'STORE_BUSY'],
  ['40P01', 'STORE_BUSY'],
  ['53100', 'STORE_UNWRITABLE'],
  ['25006', 'STORE_UNWRITABLE'],
])

const ADVICE: Partial<Record<ErrorCode, string>> = {
  STORE_BUSY: 'stays locked by another process; try again',
  STORE_UNWRITABLE: 'cannot be written; look at its disk, and whether it is a standby',
}

/** @param place The database without credentials. */
export function postgresError(failure: PostgresFailure, place: string): Error {
  const { message, code, isLost } = failure
  if (isLost || code?.startsWith('28') === true || code === '3D000') {
    return unreachable(message, place)
  }
  const known = code === undefined ? undefined : CODES.get(code)
  if (known === undefined) return Object.assign(new Error(message), { code })
  return new TickerflowError(
    known,
    `The database ${place} ${ADVICE[known]} (PostgreSQL said: ${message}).`,
    { details: { place, state: code } },
  )
}

export function unreachable(reason: string, place: string): TickerflowError {
  return new TickerflowError(
    'STATE_UNREACHABLE',
    `The database ${place} cannot be reached (${reason}). Look whether it runs, and whether ` +
      'state.postgres and the password are right; what was under way can be done again.',
    { details: { place } },
  )
}
