/**
 * The port to the program's own records: `tickerflow.db` on one machine, PostgreSQL for several.
 *
 * Calls are synchronous, so that a decision and its audit line are one transaction without a gap in
 * which something else of the process could run. The SQL is what SQLite and PostgreSQL both take.
 */
import type { Row } from '../sqlite/row.ts'

export type SqlValue = null | number | string | Uint8Array

export interface StateStatement {
  all(...values: readonly SqlValue[]): Row[]
  /** The first row; `undefined` when there is none. */
  get(...values: readonly SqlValue[]): Row | undefined
  run(...values: readonly SqlValue[]): { readonly changes: number | bigint }
}

export interface StateDatabase {
  /** The prepared statement of a constant SQL text; values are always bound, never spliced in. */
  prepare(sql: string): StateStatement
  /** Rows one by one; memory stays flat however many there are. */
  iterate(sql: string, ...values: readonly SqlValue[]): Iterable<Row>
  /** Runs several reads on one snapshot: a writer's change is seen by all of them or by none. */
  read<T>(work: () => T): T
  /**
   * Runs `work` as one write that no other `transaction` runs beside: everything in it happens or
   * nothing does. Inside another transaction it joins that one.
   */
  transaction<T>(work: () => T): T
  close(): void
}
