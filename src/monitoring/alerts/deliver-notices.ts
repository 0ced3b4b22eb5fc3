/** Tells the channels what they have not been told yet. */
import { numberOf, textOf, wordOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import type { Notice, Severity } from './alert.ts'
import { getAlert, latestInstant } from './alert-store.ts'

/** A way to reach people. */
export interface AlertChannel {
  readonly name: string
  readonly minimumSeverity: Severity
  /**
   * Tells all in one message; resolves when the other side has taken it.
   *
   * @param signal Aborted when it takes too long.
   * @throws {Error} When it was not taken; the message names no secret.
   */
  send(notices: readonly Notice[], signal: AbortSignal): Promise<void>
}

export interface DeliveryOptions {
  readonly database: StateDatabase
  readonly channels: readonly AlertChannel[]
  /** UTC milliseconds, of the alerts. */
  readonly clock: () => number
  /** UTC milliseconds, the machine's own: a lease has to run out. */
  readonly wallClock: () => number
  /** A channel that has not answered by then has failed. */
  readonly timeoutMs?: number
}

export interface Delivery {
  readonly channel: string
  readonly notices: number
  /** Why they were not taken; they are tried again. */
  readonly error: string | undefined
}

const TIMEOUT_MS = 10_000
const LEASE_MS = 60_000
const MOST_IN_ONE_MESSAGE = 50
const FIRST_RETRY_MS = 60_000
const LAST_RETRY_MS = 3_600_000

interface Claimed extends Notice {
  readonly notice: number
  readonly attempts: number
}

/**
 * One message to each channel that has something to hear. A channel that fails keeps what it was to be
 * told, and is tried again after a minute, then ever later, at most an hour.
 *
 * Of two processes that deliver at once, each takes other notices. One that dies between the sending
 * and its note sends again after a minute: at least once, never lost.
 */
export async function deliverNotices(options: DeliveryOptions): Promise<readonly Delivery[]> {
  const deliveries = options.channels.map(async (channel): Promise<Delivery | undefined> => {
    const claimed = claim(options, channel.name)
    if (claimed.length === 0) return undefined
    const error = await sendWithin(channel, claimed, options.timeoutMs)
    note(options, claimed, error)
    return { channel: channel.name, notices: claimed.length, error }
  })
  return (await Promise.all(deliveries)).filter((delivery) => delivery !== undefined)
}

/** A next attempt that lies further ahead than any wait is from a clock that has gone back since. */
function claim({ database, clock, wallClock }: DeliveryOptions, channel: string): Claimed[] {
  const nowMs = Math.max(clock(), latestInstant(database))
  const wallMs = wallClock()
  const rows = database
    .prepare(
      `UPDATE alert_notices SET lease_until = ?1 WHERE notice IN (
         SELECT notice FROM alert_notices
         WHERE channel = ?2 AND delivered_at IS NULL
           AND (due_at <= ?3 OR (attempts > 0 AND due_at > ?6))
           AND (lease_until IS NULL OR lease_until <= ?4 OR lease_until > ?1)
         ORDER BY notice LIMIT ?5)
       RETURNING notice, alert, kind, attempts`,
    )
    .all(wallMs + LEASE_MS, channel, nowMs, wallMs, MOST_IN_ONE_MESSAGE, clock() + LAST_RETRY_MS)
  return rows
    .map((row) => ({
      notice: numberOf(row, 'notice'),
      attempts: numberOf(row, 'attempts'),
      kind: wordOf(row, 'kind', ['raised', 'reminder', 'resolved'] as const),
      alert: getAlert(database, textOf(row, 'alert')),
    }))
    .sort((a, b) => a.notice - b.notice)
}

/** @returns Why they were not taken; `undefined` when they were. */
export async function sendWithin(
  channel: AlertChannel,
  notices: readonly Notice[],
  timeoutMs = TIMEOUT_MS,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)))
  })
  try {
    await Promise.race([channel.send(notices, signal), late])
    return undefined
  } catch (error) {
    if (signal.aborted) return `no answer within ${timeoutMs} ms`
    return error instanceof Error ? error.message : String(error)
  }
}

function note(
  { database, clock }: DeliveryOptions,
  claimed: readonly Claimed[],
  error: string | undefined,
): void {
  database.transaction(() => {
    const nowMs = Math.max(clock(), latestInstant(database))
    for (const { notice, attempts } of claimed) {
      if (error === undefined) {
        database
          .prepare(
            'UPDATE alert_notices SET delivered_at = ?, attempts = ?, error = NULL WHERE notice = ?',
          )
          .run(nowMs, attempts + 1, notice)
        continue
      }
      const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * (1 << Math.min(attempts, 10)))
      database
        .prepare(
          'UPDATE alert_notices SET due_at = ?, attempts = ?, lease_until = NULL, error = ? WHERE notice = ?',
        )
        .run(nowMs + waitMs, attempts + 1, error, notice)
    }
  })
}

/** What a channel has not taken yet, with the reason of the last attempt. */
export function waitingNotices(database: StateDatabase): readonly {
  readonly channel: string
  readonly waiting: number
  readonly error: string | null
}[] {
  return database
    .prepare(
      `SELECT channel, count(*) AS waiting, max(error) AS error FROM alert_notices
       WHERE delivered_at IS NULL GROUP BY channel ORDER BY channel`,
    )
    .all()
    .map((row) => ({
      channel: textOf(row, 'channel'),
      waiting: numberOf(row, 'waiting'),
      error: row.error === null ? null : textOf(row, 'error'),
    }))
}
