/** The journal of promotions: every step is written, with its audit line, before the next is taken. */
import { TickerflowError } from '../errors.ts'
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  textOf,
  wordOf,
} from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import { appendAudit } from './audit-log.ts'
import type { GuardedEnvironment } from './environments.ts'
import type { Approvals } from './gate-policy.ts'
import type { GateVerdict } from './gate-verdict.ts'

/**
 * `requested` → `gated` → `approved` → `alias-moved` → `committed`, or an end on the way:
 * `refused` by the gate, `rejected` by a person, `expired` before anybody approved, `superseded` by
 * another promotion, `abandoned` because the program ended before the gate had spoken or the
 * version is gone.
 */
export type PromotionState = (typeof STATES)[number]

const STATES = [
  'requested',
  'gated',
  'approved',
  'alias-moved',
  'committed',
  'refused',
  'rejected',
  'expired',
  'superseded',
  'abandoned',
] as const

/**
 * How it came about: by the gate's verdict, by a person against it (`override`), back to what was
 * live before (`rollback`), or by an alias that another client moved (`external`).
 */
export type PromotionKind = (typeof KINDS)[number]

const KINDS = ['gate', 'override', 'rollback', 'external'] as const

export interface Promotion {
  readonly id: string
  readonly model: string
  readonly version: number
  readonly environment: GuardedEnvironment
  readonly kind: PromotionKind
  /** Digest of everything that shapes the model but the data span; '' where nobody said. */
  readonly recipe: string
  readonly requester: string
  readonly approvals: Approvals
  readonly state: PromotionState
  readonly verdict: GateVerdict | undefined
  readonly approver: string | undefined
  /** Why, of what does not go by the gate's verdict. */
  readonly reason: string | undefined
  /** What was live when it was requested, and is replaced by it. */
  readonly expectedVersion: number | undefined
  readonly requestedAtMs: number
  /** When it can be approved no more; `undefined` when it waits for nobody. */
  readonly expiresAtMs: number | undefined
  readonly committedAtMs: number | undefined
}

/** A model's place in the world: what one promotion at a time can change. */
export interface Slot {
  readonly model: string
  readonly environment: GuardedEnvironment
}

export type NewPromotion = Omit<
  Promotion,
  'state' | 'verdict' | 'approver' | 'expectedVersion' | 'committedAtMs'
>

export interface Transition {
  readonly from: PromotionState
  readonly to: PromotionState
  readonly atMs: number
  readonly verdict?: GateVerdict
  readonly approver?: string
  /** Further fields of the audit line. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Opens the journal of one promotion; what is live now is what it expects to replace. */
export function insertPromotion(
  connection: StateDatabase,
  promotion: NewPromotion,
  fields: Readonly<Record<string, unknown>>,
): void {
  const { id, model, version, environment, kind, recipe, requester, approvals } = promotion
  const { reason, requestedAtMs, expiresAtMs } = promotion
  const expected = liveVersion(connection, promotion) ?? null
  connection
    .prepare(
      `INSERT INTO promotions (id, model, version, environment, kind, recipe, requester, approvals,
         state, reason, expected_version, requested_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'requested', ?, ?, ?, ?)`,
    )
    .run(
      ...[id, model, version, environment, kind, recipe, requester, approvals],
      ...[reason ?? null, expected, requestedAtMs, expiresAtMs ?? null],
    )
  const spoken = { recipe, requester, approvals, replaces: expected }
  const why = reason === undefined ? {} : { reason }
  const until = expiresAtMs === undefined ? {} : { expiresAtMs }
  audit(connection, getPromotion(connection, id), {
    atMs: requestedAtMs,
    fields: { ...spoken, ...why, ...until, ...fields },
  })
}

/**
 * Moves a promotion on, with its audit line, if it still is where the caller believes it to be.
 *
 * @returns Whether it was: `false` when another process has moved it meanwhile.
 */
export function transition(connection: StateDatabase, id: string, step: Transition): boolean {
  return connection.transaction(() => {
    const { changes } = connection
      .prepare(
        `UPDATE promotions SET state = ?, verdict = coalesce(?, verdict),
           approver = coalesce(?, approver) WHERE id = ? AND state = ?`,
      )
      .run(
        step.to,
        step.verdict === undefined ? null : JSON.stringify(step.verdict),
        step.approver ?? null,
        id,
        step.from,
      )
    if (changes === 0) return false
    if (step.to === 'committed') numberCommit(connection, id, step.atMs)
    audit(connection, getPromotion(connection, id), step)
    return true
  })
}

/** @throws {TickerflowError} NOT_FOUND. */
export function getPromotion(connection: StateDatabase, id: string): Promotion {
  const row = connection.prepare('SELECT * FROM promotions WHERE id = ?').get(id)
  if (row === undefined) {
    throw new TickerflowError('NOT_FOUND', `There is no promotion '${id}' in this store.`, {
      details: { id },
    })
  }
  return promotionOf(row)
}

/** Promotions of a model in the order of their requests. */
export function promotionsOf(connection: StateDatabase, model: string): readonly Promotion[] {
  return connection
    .prepare('SELECT * FROM promotions WHERE model = ? ORDER BY rowid')
    .all(model)
    .map(promotionOf)
}

/** Promotions that a crash may have left between two steps. */
export function unfinishedPromotions(connection: StateDatabase): readonly Promotion[] {
  return connection
    .prepare(
      `SELECT * FROM promotions WHERE state IN ('requested', 'approved', 'alias-moved')
         OR (state = 'gated' AND NOT (approvals = 'team' AND environment = 'production'))
       ORDER BY rowid`,
    )
    .all()
    .map(promotionOf)
}

/** Whether a person has to approve it: Production under the policy `team`. */
export function needsPerson({ approvals, environment }: Promotion): boolean {
  return approvals === 'team' && environment === 'production'
}

/** Promotions that wait for a person, oldest first. */
export function pendingPromotions(connection: StateDatabase): readonly Promotion[] {
  return connection
    .prepare(
      `SELECT * FROM promotions WHERE state = 'gated' AND approvals = 'team'
         AND environment = 'production' ORDER BY rowid`,
    )
    .all()
    .map(promotionOf)
}

/** Everything that was ever live in a slot, in the order of the commits. */
export function commitsOf(connection: StateDatabase, slot: Slot): readonly Promotion[] {
  return connection
    .prepare(
      `SELECT * FROM promotions WHERE model = ? AND environment = ? AND commit_number IS NOT NULL
       ORDER BY commit_number`,
    )
    .all(slot.model, slot.environment)
    .map(promotionOf)
}

/** Models that have ever asked for a promotion, by name. */
export function promotedModels(connection: StateDatabase): readonly string[] {
  return connection
    .prepare('SELECT DISTINCT model FROM promotions ORDER BY model')
    .all()
    .map((row) => textOf(row, 'model'))
}

/** The promotion that made live what was live at the instant; `undefined` before the first. */
export function liveAt(
  connection: StateDatabase,
  slot: Slot,
  instantMs: number,
): Promotion | undefined {
  const row = connection
    .prepare(
      `SELECT * FROM promotions WHERE model = ? AND environment = ? AND committed_at <= ?
       ORDER BY commit_number DESC LIMIT 1`,
    )
    .get(slot.model, slot.environment, instantMs)
  return row === undefined ? undefined : promotionOf(row)
}

/** The version whose promotion was committed last; aliases do not count. */
export function liveVersion(connection: StateDatabase, slot: Slot): number | undefined {
  // Asked at every request: the version alone, without the verdict that made it live.
  const row = connection
    .prepare(
      `SELECT version FROM promotions WHERE model = ? AND environment = ? AND committed_at IS NOT NULL
       ORDER BY commit_number DESC LIMIT 1`,
    )
    .get(slot.model, slot.environment)
  return row === undefined ? undefined : numberOf(row, 'version')
}

/** Whether another promotion of the slot is between its approval and its commit. */
export function isSlotBusy(connection: StateDatabase, slot: Slot): boolean {
  const row = connection
    .prepare(
      `SELECT 1 FROM promotions WHERE model = ? AND environment = ?
         AND state IN ('approved', 'alias-moved')`,
    )
    .get(slot.model, slot.environment)
  return row !== undefined
}

function numberCommit(connection: StateDatabase, id: string, atMs: number): void {
  connection
    .prepare(
      `UPDATE promotions SET committed_at = ?,
         commit_number = (SELECT coalesce(max(commit_number), 0) + 1 FROM promotions) WHERE id = ?`,
    )
    .run(atMs, id)
}

function audit(
  connection: StateDatabase,
  promotion: Promotion,
  step: { readonly atMs: number; readonly fields?: Readonly<Record<string, unknown>> },
): void {
  const { id, model, version, environment, kind } = promotion
  const unusual = kind === 'gate' ? {} : { kind }
  appendAudit(connection, {
    atMs: step.atMs,
    event: `promotion-${promotion.state}`,
    fields: { promotion: id, model, version, environment, ...unusual, ...step.fields },
  })
}

function promotionOf(row: Row): Promotion {
  const verdict = optionalTextOf(row, 'verdict')
  return {
    id: textOf(row, 'id'),
    model: textOf(row, 'model'),
    version: numberOf(row, 'version'),
    environment: wordOf(row, 'environment', ['staging', 'production'] as const),
    kind: wordOf(row, 'kind', KINDS),
    recipe: textOf(row, 'recipe'),
    requester: textOf(row, 'requester'),
    approvals: wordOf(row, 'approvals', ['local', 'team'] as const),
    state: wordOf(row, 'state', STATES),
    verdict: verdict === undefined ? undefined : (JSON.parse(verdict) as GateVerdict),
    approver: optionalTextOf(row, 'approver'),
    reason: optionalTextOf(row, 'reason'),
    expectedVersion: optionalNumberOf(row, 'expected_version'),
    requestedAtMs: numberOf(row, 'requested_at'),
    expiresAtMs: optionalNumberOf(row, 'expires_at'),
    committedAtMs: optionalNumberOf(row, 'committed_at'),
  }
}
