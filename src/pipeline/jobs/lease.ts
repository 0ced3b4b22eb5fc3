/** Leases in `tickerflow.db`: one holder at a time, and a holder that is dead loses what it holds. */
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import { numberOf, textOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'

/** A holder that has not renewed for so long is taken for dead. */
export const LEASE_MS = 60_000
const RENEWALS = 4

export interface LeaseOptions {
  readonly database: StateDatabase
  /** The machine's clock, whatever `--now` says: a lease has to run out. UTC milliseconds. */
  readonly wallClock: () => number
  readonly holder: string
  readonly leaseMs?: number
}

/** @returns Whether the holder has it now: it was free, its own, or run out. */
export function takeLease(name: string, options: LeaseOptions): boolean {
  const { database, wallClock, holder, leaseMs = LEASE_MS } = options
  const nowMs = wallClock()
  const { changes } = database
    .prepare(
      `INSERT INTO leases (name, holder, expires_at) VALUES (?1, ?2, ?3)
       ON CONFLICT (name) DO UPDATE SET holder = ?2, expires_at = ?3
         WHERE leases.holder = ?2 OR leases.expires_at <= ?4`,
    )
    .run(name, holder, nowMs + leaseMs, nowMs)
  return changes === 1
}

export function giveLease(name: string, { database, holder }: LeaseOptions): void {
  database.prepare('DELETE FROM leases WHERE name = ? AND holder = ?').run(name, holder)
}

/**
 * Runs work that only one process at a time may do, and renews the lease meanwhile.
 *
 * @param work Its signal is aborted when the lease is lost, as after a long sleep of the machine.
 * @throws {TickerflowError} WORK_TAKEN while another process holds it.
 */
export async function withLease<T>(
  name: string,
  options: LeaseOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!takeLease(name, options)) throw taken(name, options)
  const lost = new AbortController()
  const { leaseMs = LEASE_MS, wallClock } = options
  let isOwnUntilMs = wallClock() + leaseMs
  const renewal = setInterval(() => {
    const until = renewedUntil(name, options, isOwnUntilMs)
    if (until === undefined) lost.abort()
    else isOwnUntilMs = until
  }, leaseMs / RENEWALS)
  renewal.unref()
  try {
    return await work(lost.signal)
  } finally {
    clearInterval(renewal)
    giveBack(name, options)
  }
}

/** A database that is away for a moment costs no lease: it stands until it runs out. */
function renewedUntil(name: string, options: LeaseOptions, untilMs: number): number | undefined {
  try {
    const startedMs = options.wallClock()
    return takeLease(name, options) ? startedMs + (options.leaseMs ?? LEASE_MS) : undefined
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    return options.wallClock() < untilMs ? untilMs : undefined
  }
}

/** What cannot be given back runs out. */
function giveBack(name: string, options: LeaseOptions): void {
  try {
    giveLease(name, options)
  } catch (error) {
    if (!isTickerflowError(error)) throw error
  }
}

function taken(name: string, { database, wallClock }: LeaseOptions): TickerflowError {
  const row = database.prepare('SELECT holder, expires_at FROM leases WHERE name = ?').get(name)
  const holder = row === undefined ? 'another process' : textOf(row, 'holder')
  const leftMs = row === undefined ? 0 : numberOf(row, 'expires_at') - wallClock()
  return new TickerflowError(
    'WORK_TAKEN',
    `${name} is being worked on by ${holder}. Wait until it has finished; should it have died, its ` +
      `lease runs out in ${Math.max(0, Math.ceil(leftMs / 1000))} s.`,
    { details: { name, holder } },
  )
}
