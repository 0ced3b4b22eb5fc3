/** What was live when, read from the journal of promotions. */
import type { StateDatabase } from '../state/state-database.ts'
import { commitsOf, type Promotion, type Slot } from './promotion-journal.ts'

/** A stretch of time in which one version was live. */
export interface LiveSpan {
  readonly promotion: Promotion
  readonly fromMs: number
  /** When another version took its place; `undefined` while it is live. */
  readonly untilMs: number | undefined
}

/** Oldest first. */
export function liveSpans(connection: StateDatabase, slot: Slot): readonly LiveSpan[] {
  const commits = commitsOf(connection, slot)
  return commits.map((promotion, i) => ({
    promotion,
    fromMs: promotion.committedAtMs ?? 0,
    untilMs: commits[i + 1]?.committedAtMs,
  }))
}
