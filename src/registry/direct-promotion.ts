/** Promotions that no gate judges: journalled, audited and carried out like all the others. */
import { TickerflowError } from '../errors.ts'
import {
  insertPromotion,
  isSlotBusy,
  type Promotion,
  type Slot,
  transition,
} from './promotion-journal.ts'
import { announce, assertStands, drive, type PromotionContext } from './promotion-steps.ts'

export interface DirectPromotion extends Slot {
  readonly kind: 'rollback' | 'external'
  readonly requester: string
  readonly reason: string
  /** Of whoever runs the program, when `requester` was named by hand. */
  readonly account?: string
}

/** Which version goes live; found inside the transaction, so that it is still right when written. */
type Target = () => { readonly version: number; readonly recipe: string }

/**
 * Requests and approves in one transaction, then moves the alias and commits.
 *
 * @throws {TickerflowError} PROMOTION_CONFLICT when another promotion of the slot is under way.
 */
export async function writeDirectly(
  context: PromotionContext,
  request: DirectPromotion,
  target: Target,
): Promise<Promotion> {
  const { database } = context
  const { model, environment, kind, requester, reason, account } = request
  const id = context.newId()
  database.transaction(() => {
    if (isSlotBusy(database, request)) throw underWay(request)
    const atMs = context.clock()
    const who = account === undefined ? {} : { account }
    insertPromotion(
      database,
      {
        ...{ id, model, environment, kind, requester, reason, ...target() },
        approvals: 'local',
        requestedAtMs: atMs,
        expiresAtMs: undefined,
      },
      who,
    )
    const approval = { approver: requester, fields: { approver: requester, ...who } }
    transition(database, id, { from: 'requested', to: 'approved', atMs, ...approval })
  })
  announce(context, id)
  return assertStands(await drive(context, id))
}

function underWay({ model, environment }: Slot): TickerflowError {
  const message = `Another promotion of ${model} to ${environment} is being carried out. Wait until it has ended, and look what is live then: tickerflow models show ${model}.`
  return new TickerflowError('PROMOTION_CONFLICT', message, { details: { model, environment } })
}
