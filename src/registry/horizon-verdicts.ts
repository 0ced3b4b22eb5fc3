/** The gate's verdicts on a version's further horizons, which are promoted with it but not by them. */
import { numberOf, textOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { ModelVersionRef } from '../tracking/tracking-store.ts'
import { appendAudit } from './audit-log.ts'
import { decideGate } from './gate.ts'
import { evidenceDigest, type GateEvidence } from './gate-evidence.ts'
import type { GatePolicy } from './gate-policy.ts'
import type { GateDecision, GateVerdict } from './gate-verdict.ts'
import { countLook } from './looks.ts'

export interface HorizonCase {
  readonly model: string
  readonly version: number
  /** Digest of the recipe of this horizon alone. */
  readonly recipe: string
  readonly evidence: Omit<GateEvidence, 'look'>
  readonly policy: GatePolicy
  readonly atMs: number
}

/** Asks the gate about one further horizon, and keeps its verdict; each is a line of the audit log. */
export function judgeHorizon(connection: StateDatabase, asked: HorizonCase): GateVerdict {
  const { model, version, recipe, evidence, policy, atMs } = asked
  const { horizon } = evidence
  const digest = evidenceDigest(evidence)
  return connection.transaction(() => {
    const look = countLook(connection, { model, recipe, evidence: digest, atMs })
    const verdict = decideGate({ ...evidence, look }, policy)
    connection
      .prepare(
        `INSERT INTO horizon_verdicts (model, version, horizon, decision, verdict)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (model, version, horizon)
         DO UPDATE SET decision = excluded.decision, verdict = excluded.verdict`,
      )
      .run(model, version, horizon, verdict.decision, JSON.stringify(verdict))
    const fields = { model, version, horizon, recipe, evidence: digest, verdict }
    appendAudit(connection, { atMs, event: 'horizon-judged', fields })
    return verdict
  })
}

/** Decisions by further horizon, as far as the gate was asked. */
export function horizonDecisions(
  connection: StateDatabase,
  { name, version }: ModelVersionRef,
): ReadonlyMap<number, GateDecision> {
  const rows = connection
    .prepare('SELECT horizon, decision FROM horizon_verdicts WHERE model = ? AND version = ?')
    .all(name, version)
  return new Map(
    rows.map((row) => [numberOf(row, 'horizon'), textOf(row, 'decision') as GateDecision]),
  )
}

/** Why a forecast of a further horizon should not be acted on; nothing when the gate passed it. */
export function reasonsAgainstHorizon(
  connection: StateDatabase,
  ref: ModelVersionRef,
  horizon: number,
): readonly string[] {
  const decision = horizonDecisions(connection, ref).get(horizon)
  if (decision === 'promote') return []
  const what = `the ${horizon}-session forecasts of ${ref.name} version ${ref.version}`
  return [
    decision === undefined
      ? `the gate was not asked about ${what}`
      : `the gate's verdict on ${what} is ${decision}`,
  ]
}
