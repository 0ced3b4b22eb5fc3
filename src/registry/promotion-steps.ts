/** The steps of a promotion after the gate: each is written to the journal before the next is taken. */
import { isTickerflowError, TickerflowError } from '../errors.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { Clock, ModelVersionRef, TrackingStore } from '../tracking/tracking-store.ts'
import { ENVIRONMENT_ALIASES, placeInEnvironment } from './environments.ts'
import {
  getPromotion,
  isSlotBusy,
  liveVersion,
  needsPerson,
  type Promotion,
  type Slot,
  transition,
} from './promotion-journal.ts'
import type { PromotionRules } from './promotion-rules.ts'

export interface PromotionContext {
  readonly tracking: TrackingStore
  /** From `openDatabase`. */
  readonly database: StateDatabase
  readonly clock: Clock
  readonly newId: () => string
  readonly rules: PromotionRules
  /** Told after each step that has been written to the journal. */
  readonly onStep?: (promotion: Promotion) => void
}

/** Takes the next step until the promotion has ended or waits for a person. */
export async function drive(context: PromotionContext, id: string): Promise<Promotion> {
  for (;;) {
    const promotion = getPromotion(context.database, id)
    const { state } = promotion
    if (state === 'gated' && !needsPerson(promotion)) {
      writeApproval(context, promotion, { approver: standingApprover(promotion) })
    } else if (state === 'approved') await moveAlias(context, promotion)
    else if (state === 'alias-moved') await commit(context, promotion)
    else return promotion
    announce(context, id)
  }
}

/** Nobody but the policy, as in `policy:local`; an override is approved by whoever takes it on. */
function standingApprover({ kind, approvals, requester }: Promotion): string {
  return kind === 'gate' ? `policy:${approvals}` : requester
}

/** Who approves; `account` when it is not the one that the program runs under. */
export interface Approval {
  readonly approver: string
  readonly account?: string
}

/**
 * The compare-and-set of a promotion: it is approved only while what was live at its request still
 * is and no other one is under way; otherwise it is superseded.
 */
export function writeApproval(
  context: PromotionContext,
  promotion: Promotion,
  approval: Approval,
): void {
  const { database } = context
  const { approver } = approval
  database.transaction(() => {
    const live = liveVersion(database, promotion)
    const stands = live === promotion.expectedVersion && !isSlotBusy(database, promotion)
    const replaces = promotion.expectedVersion ?? null
    transition(database, promotion.id, {
      from: 'gated',
      atMs: context.clock(),
      ...(stands
        ? { to: 'approved', approver, fields: { ...approval, replaces } }
        : { to: 'superseded', fields: { ...approval, replaces, live: live ?? null } }),
    })
  })
}

async function moveAlias(context: PromotionContext, promotion: Promotion): Promise<void> {
  try {
    await placeInEnvironment(context.tracking, refOf(promotion), promotion.environment)
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'NOT_FOUND') throw error
    abandon(context, promotion, 'the version no longer exists')
    return
  }
  const own = transition(context.database, promotion.id, {
    from: 'approved',
    to: 'alias-moved',
    atMs: context.clock(),
  })
  if (!own) await settleAlias(context, promotion)
}

async function commit(context: PromotionContext, promotion: Promotion): Promise<void> {
  transition(context.database, promotion.id, {
    from: 'alias-moved',
    to: 'committed',
    atMs: context.clock(),
  })
  await settleAlias(context, promotion)
}

/** Points the alias at what the journal says is live, should a slower process have moved it since. */
async function settleAlias(context: PromotionContext, slot: Slot): Promise<void> {
  const version = liveVersion(context.database, slot)
  if (version === undefined || isSlotBusy(context.database, slot)) return
  const alias = ENVIRONMENT_ALIASES[slot.environment]
  const aliased = await context.tracking.getVersionByAlias(slot.model, alias)
  if (aliased?.version === version) return
  await placeInEnvironment(context.tracking, { name: slot.model, version }, slot.environment)
}

/** Ends a promotion that cannot go on. */
export function abandon(context: PromotionContext, promotion: Promotion, reason: string): void {
  transition(context.database, promotion.id, {
    from: promotion.state,
    to: 'abandoned',
    atMs: context.clock(),
    fields: { reason },
  })
}

/** Whether it can be approved or rejected. */
export function awaitsPerson(promotion: Promotion): boolean {
  return promotion.state === 'gated' && needsPerson(promotion)
}

/** @throws {TickerflowError} PROMOTION_CONFLICT when another one came between. */
export function assertStands(promotion: Promotion): Promotion {
  const { id, state } = promotion
  if (state !== 'superseded' && state !== 'abandoned') return promotion
  const why =
    state === 'superseded'
      ? 'what is live has changed since it was requested'
      : 'the version is gone, or another process started before the gate had spoken'
  const message = `The promotion of ${spokenPromotion(promotion)} is ${state}: ${why}. Ask for it again, so that it is judged against what is live now.`
  throw new TickerflowError('PROMOTION_CONFLICT', message, { details: { id, state } })
}

export function spokenPromotion({ model, version, environment }: Promotion): string {
  return `${model} version ${version} to ${environment}`
}

/** Tells whoever listens where the promotion is now. */
export function announce(context: PromotionContext, id: string): void {
  context.onStep?.(getPromotion(context.database, id))
}

function refOf(promotion: Promotion): ModelVersionRef {
  return { name: promotion.model, version: promotion.version }
}
