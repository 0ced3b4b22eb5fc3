/** What the thread that waits tells the thread that speaks to PostgreSQL, and what it hears. */
import type { Row } from '../../sqlite/row.ts'
import type { SqlValue } from '../state-database.ts'
import type { Waits } from './postgres-driver.ts'
import type { PostgresFailure } from './postgres-failure.ts'

export interface ThreadRequest {
  readonly sql: string
  readonly values: readonly SqlValue[]
  /**
   * `begin` and `alone` may use a new connection; `within` needs the one that the transaction began
   * on. `alone` is done again on a new connection when it only reads.
   */
  readonly kind: 'begin' | 'within' | 'alone'
  /** How long a connection is tried for. */
  readonly patienceMs: number
}

export type ThreadReply =
  | { readonly rows: Row[]; readonly changes: number }
  | { readonly failure: PostgresFailure }

/** The thread's start: `signal` counts the replies. */
export interface ThreadStart {
  readonly url: string
  readonly waits: Waits
  readonly port: import('node:worker_threads').MessagePort
  readonly signal: Int32Array
}
