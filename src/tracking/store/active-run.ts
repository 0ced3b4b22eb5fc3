/** Looks a run up before something is read from it or written to it. */

import { type Row, textOf } from '../../sqlite/row.ts'
import { invalid, missing } from '../tracking-rules.ts'
import type { StoreContext } from './store-context.ts'

/** @throws {TickerflowError} NOT_FOUND. */
export function requireRun(context: StoreContext, runId: string): Row {
  const row = context.connection.prepare('SELECT * FROM runs WHERE run_uuid = ?').get(runId)
  if (row === undefined) throw missing(`Run '${runId}'`)
  return row
}

/** @throws {TickerflowError} NOT_FOUND, or TRACKING_INVALID when the run has been deleted. */
export function requireActiveRun(context: StoreContext, runId: string): Row {
  const row = requireRun(context, runId)
  if (textOf(row, 'lifecycle_stage') !== 'active') {
    throw invalid(`Run '${runId}' is deleted; restore it before writing to it.`)
  }
  return row
}
