/** The steps of a promotion after the gate: each is written to the journal before the next is taken. */
import { isTickerflowError } from '../errors.ts'
import type { SqliteConnection } from '../sqlite/sqlite-connection.ts'
import type { Clock, ModelVersionRef, TrackingStore } from '../tracking/tracking-store.ts'
import { ENVIRONMENT_ALIASES, placeInEnvironment } from './environments.ts'
import {
  getPromotion,
  isSlotBusy,
  liveVersion,
  type Promotion,
  type Slot,
  transition,
} from './promotion-journal.ts'

/** The approver of promotions under the policy `local`. */
export const LOCAL_POLICY_APPROVER = 'policy:local'

export interface PromotionContext {
  readonly tracking: TrackingStore
  /** From `openDatabase`. */
  readonly database: SqliteConnection
  readonly clock: Clock
  readonly newId: () => string
  /** Told after each step that has been written to the journal. */
  readonly onStep?: (promotion: Promotion) => void
}

/** Takes the next step until the promotion has ended or waits for a person. */
export async function drive(context: PromotionContext, id: string): Promise<Promotion> {
  for (;;) {
    const promotion = getPromotion(context.database, id)
    const { state, approvals } = promotion
    if (state === 'gated' && approvals === 'local') {
      writeApproval(context, promotion, LOCAL_POLICY_APPROVER)
    } else if (state === 'approved') await moveAlias(context, promotion)
    else if (state === 'alias-moved') await commit(context, promotion)
    else return promotion
    announce(context, id)
  }
}

/**
 * The compare-and-set of a promotion: it is approved only while what was live at its request still
 * is and no other one is under way; otherwise it is superseded.
 */
export function writeApproval(
  context: PromotionContext,
  promotion: Promotion,
  approver: string,
): void {
  const { database } = context
  database.transaction(() => {
    const live = liveVersion(database, promotion)
    const stands = live === promotion.expectedVersion && !isSlotBusy(database, promotion)
    const replaces = promotion.expectedVersion ?? null
    transition(database, promotion.id, {
      from: 'gated',
      atMs: context.clock(),
      ...(stands
        ? { to: 'approved', approver, fields: { approver, replaces } }
        : { to: 'superseded', fields: { approver, replaces, live: live ?? null } }),
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

/** Tells whoever listens where the promotion is now. */
export function announce(context: PromotionContext, id: string): void {
  context.onStep?.(getPromotion(context.database, id))
}

function refOf(promotion: Promotion): ModelVersionRef {
  return { name: promotion.model, version: promotion.version }
}
