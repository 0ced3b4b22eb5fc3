/** Remembers which moved aliases and stages are in the audit log already. */
import { optionalNumberOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import { appendAudit } from './audit-log.ts'
import type { Slot } from './promotion-journal.ts'

export type MoveVia = 'alias' | 'stage'

/** An environment's alias or stage that is elsewhere than the journal says. */
export interface AliasMove extends Slot {
  readonly via: MoveVia
  /** The version that has it now; `undefined` when none has. */
  readonly found: number | undefined
  /** The version whose promotion was committed last; `undefined` when none was. */
  readonly live: number | undefined
}

/** Writes `alias-moved-elsewhere` to the audit log, once. @returns Whether it was new. */
export function recordMove(connection: StateDatabase, move: AliasMove, atMs: number): boolean {
  const { model, environment, via, found, live } = move
  return connection.transaction(() => {
    const known = connection
      .prepare(
        `SELECT found, live FROM alias_moves
         WHERE model = ? AND environment = ? AND via = ?`,
      )
      .get(model, environment, via)
    if (known !== undefined) {
      const same =
        optionalNumberOf(known, 'found') === found && optionalNumberOf(known, 'live') === live
      if (same) return false
    }
    connection
      .prepare(
        `INSERT INTO alias_moves (model, environment, via, found, live, seen_at)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (model, environment, via)
         DO UPDATE SET found = excluded.found, live = excluded.live, seen_at = excluded.seen_at`,
      )
      .run(model, environment, via, found ?? null, live ?? null, atMs)
    appendAudit(connection, {
      atMs,
      event: `${via}-moved-elsewhere`,
      fields: { model, environment, found: found ?? null, live: live ?? null },
    })
    return true
  })
}

/** It is where it belongs again, so that the next move is a new one. */
export function forgetMove(
  connection: StateDatabase,
  { model, environment, via }: Pick<AliasMove, 'model' | 'environment' | 'via'>,
): void {
  const known = connection
    .prepare('SELECT 1 FROM alias_moves WHERE model = ? AND environment = ? AND via = ?')
    .get(model, environment, via)
  // Looking costs no lock; every command looks.
  if (known === undefined) return
  connection
    .prepare('DELETE FROM alias_moves WHERE model = ? AND environment = ? AND via = ?')
    .run(model, environment, via)
}
