/** Notices that decisions are made under another policy than before, and says so in the audit log. */
import { digestOf } from '../canonical-json.ts'
import { textOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import { appendAudit } from './audit-log.ts'
import type { GatePolicy } from './gate-policy.ts'
import type { PromotionRules } from './promotion-rules.ts'

export interface PolicyInForce {
  readonly policy: GatePolicy
  readonly rules: PromotionRules
}

/** Appends `policy-changed`, with the new policy in full, when it is not the one of last time. */
export function recordPolicy(
  connection: StateDatabase,
  content: PolicyInForce,
  atMs: number,
): void {
  const digest = digestOf(content)
  connection.transaction(() => {
    const row = connection.prepare('SELECT digest FROM policy_in_force WHERE id = 1').get()
    const before = row === undefined ? null : textOf(row, 'digest')
    if (before === digest) return
    connection
      .prepare(
        `INSERT INTO policy_in_force (id, digest) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET digest = excluded.digest`,
      )
      .run(digest)
    appendAudit(connection, {
      atMs,
      event: 'policy-changed',
      fields: { before, digest, ...content },
    })
  })
}
