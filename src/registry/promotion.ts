/** Takes versions from one environment to the next: gated, approved, journalled and replayable. */
import { digestOf } from '../canonical-json.ts'
import { TickerflowError } from '../errors.ts'
import { decideGate } from './gate.ts'
import { evidenceDigest, type GateEvidence } from './gate-evidence.ts'
import type { GatePolicy } from './gate-policy.ts'
import { countLook } from './looks.ts'
import {
  getPromotion,
  insertPromotion,
  type Promotion,
  type Slot,
  transition,
  unfinishedPromotions,
} from './promotion-journal.ts'
import {
  abandon,
  announce,
  drive,
  type PromotionContext,
  writeApproval,
} from './promotion-steps.ts'

export type { PromotionContext } from './promotion-steps.ts'

export interface PromotionRequest extends Slot {
  readonly version: number
  /** Digest of everything that shapes the model but the data span; evidence belongs to it. */
  readonly recipe: string
  /** Who asks; under the policy `team` not the one who approves. */
  readonly requester: string
  readonly policy: GatePolicy
  readonly evidence: Omit<GateEvidence, 'look'>
}

/**
 * Puts a version to the gate and, when it passes and the policy is `local`, makes it live.
 *
 * Under the policy `team` a version that passes waits (`gated`) for `approvePromotion`. A version
 * that does not pass is an outcome (`refused`, with its verdict), not an error.
 *
 * @throws {TickerflowError} NOT_FOUND when the version does not exist; PROMOTION_CONFLICT when
 *   another promotion has changed what is live since the request.
 */
export async function requestPromotion(
  context: PromotionContext,
  request: PromotionRequest,
): Promise<Promotion> {
  await context.tracking.getModelVersion({ name: request.model, version: request.version })
  const { id, look } = writeRequest(context, request)
  announce(context, id)
  judge(context, id, { ...request, look })
  announce(context, id)
  return assertStands(await drive(context, id))
}

/**
 * Approves a promotion that waits for a person, and makes it live.
 *
 * @param approver An authenticated person other than the requester.
 * @throws {TickerflowError} APPROVAL_REFUSED for the requester or when nothing awaits approval;
 *   PROMOTION_CONFLICT when what is live is no longer what the evidence was judged against.
 */
export async function approvePromotion(
  context: PromotionContext,
  id: string,
  approver: string,
): Promise<Promotion> {
  const promotion = assertAwaitsDecision(context, id, approver)
  writeApproval(context, promotion, approver)
  announce(context, id)
  return assertStands(await drive(context, id))
}

/**
 * Ends a promotion that waits for a person; a requester may withdraw their own.
 *
 * @throws {TickerflowError} APPROVAL_REFUSED when nothing awaits approval.
 */
export function rejectPromotion(
  context: PromotionContext,
  id: string,
  rejection: { readonly by: string; readonly reason: string },
): Promotion {
  assertAwaits(getPromotion(context.database, id))
  transition(context.database, id, {
    from: 'gated',
    to: 'rejected',
    atMs: context.clock(),
    fields: rejection,
  })
  announce(context, id)
  return getPromotion(context.database, id)
}

/**
 * Completes what a crash left half-done; call it at start, before anything is served.
 *
 * From its approval on a promotion is carried forward to its commit. One that the gate had not
 * judged yet is abandoned: its evidence went with the process.
 *
 * @returns The promotions it touched, in their final state.
 */
export async function recoverPromotions(context: PromotionContext): Promise<readonly Promotion[]> {
  const recovered: Promotion[] = []
  for (const promotion of unfinishedPromotions(context.database)) {
    if (promotion.state === 'requested') abandon(context, promotion, 'never judged')
    recovered.push(await drive(context, promotion.id))
  }
  return recovered
}

function writeRequest(
  context: PromotionContext,
  request: PromotionRequest,
): { readonly id: string; readonly look: number } {
  const { model, version, environment, recipe, requester, policy } = request
  const id = context.newId()
  const atMs = context.clock()
  const evidence = evidenceDigest(request.evidence)
  return context.database.transaction(() => {
    const look = countLook(context.database, { model, recipe, evidence, atMs })
    insertPromotion(
      context.database,
      {
        id,
        model,
        version,
        environment,
        recipe,
        requester,
        approvals: policy.approvals,
        requestedAtMs: atMs,
      },
      { evidence, look, policy },
    )
    return { id, look }
  })
}

function judge(
  context: PromotionContext,
  id: string,
  request: PromotionRequest & { readonly look: number },
): void {
  const verdict = decideGate({ ...request.evidence, look: request.look }, request.policy)
  const { decision, reasons, look } = verdict
  transition(context.database, id, {
    from: 'requested',
    to: decision === 'promote' ? 'gated' : 'refused',
    atMs: context.clock(),
    verdict,
    fields: { decision, reasons, look, verdict: digestOf(verdict) },
  })
}

function assertAwaitsDecision(context: PromotionContext, id: string, approver: string): Promotion {
  const promotion = getPromotion(context.database, id)
  assertAwaits(promotion)
  if (approver !== promotion.requester) return promotion
  const message = `${approver} asked for the promotion of ${spoken(promotion)} and cannot approve it too; another person has to.`
  throw new TickerflowError('APPROVAL_REFUSED', message, { details: { id, approver } })
}

function assertAwaits(promotion: Promotion): void {
  if (promotion.state === 'gated' && promotion.approvals === 'team') return
  const message = `The promotion of ${spoken(promotion)} awaits no approval: it is ${promotion.state} under the policy '${promotion.approvals}'.`
  throw new TickerflowError('APPROVAL_REFUSED', message, {
    details: { id: promotion.id, state: promotion.state },
  })
}

function assertStands(promotion: Promotion): Promotion {
  const { state } = promotion
  if (state !== 'superseded' && state !== 'abandoned') return promotion
  const why =
    state === 'superseded'
      ? 'what is live has changed since it was requested'
      : 'the version is gone, or another process started before the gate had spoken'
  const message = `The promotion of ${spoken(promotion)} is ${state}: ${why}. Ask for it again, so that it is judged against what is live now.`
  throw new TickerflowError('PROMOTION_CONFLICT', message, { details: { id: promotion.id, state } })
}

function spoken(promotion: Promotion): string {
  return `${promotion.model} version ${promotion.version} to ${promotion.environment}`
}
