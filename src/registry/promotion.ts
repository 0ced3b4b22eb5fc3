/** Takes versions from one environment to the next: gated, approved, journalled and replayable. */
import { digestOf } from '../canonical-json.ts'
import { TickerflowError } from '../errors.ts'
import { decideGate } from './gate.ts'
import { evidenceDigest, type GateEvidence } from './gate-evidence.ts'
import type { GatePolicy } from './gate-policy.ts'
import { countLook } from './looks.ts'
import { recordPolicy } from './policy-in-force.ts'
import {
  getPromotion,
  insertPromotion,
  liveVersion,
  type Promotion,
  pendingPromotions,
  type Slot,
  transition,
  unfinishedPromotions,
} from './promotion-journal.ts'
import {
  type Approval,
  abandon,
  announce,
  assertStands,
  awaitsPerson,
  drive,
  type PromotionContext,
  spokenPromotion,
  writeApproval,
} from './promotion-steps.ts'

export type { PromotionContext } from './promotion-steps.ts'

export interface PromotionRequest extends Slot {
  readonly version: number
  /** Digest of everything that shapes the model but the data span; evidence belongs to it. */
  readonly recipe: string
  /** Who asks; under the policy `team` not the one who approves. */
  readonly requester: string
  /** Of whoever runs the program, when `requester` was named by hand. */
  readonly account?: string
  readonly policy: GatePolicy
  readonly evidence: Omit<GateEvidence, 'look'>
  /** Goes on whatever the gate says, on the record, because of this. */
  readonly override?: { readonly reason: string }
}

const HOUR_MS = 3_600_000

/**
 * Puts a version to the gate and, when it passes and nobody has to approve it, makes it live.
 *
 * Under the policy `team` a version that passes waits for Production (`gated`) until
 * `approvePromotion`. A version that does not pass is an outcome (`refused`, with its verdict), not
 * an error. An override stands in for a verdict, not for an approval.
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

/** What became of a version on its way up. */
export interface Ascent {
  readonly steps: readonly Promotion[]
  /** How far it got: of Production once it was in Staging. */
  readonly last: Promotion
}

/**
 * Takes a version from Development to Staging by the gate, and from there to Production by the gate
 * and an approval, on one and the same evidence. What is in Staging already is not put there again.
 */
export async function promoteThroughStaging(
  context: PromotionContext,
  request: Omit<PromotionRequest, 'environment'>,
): Promise<Ascent> {
  const { model, version } = request
  const steps: Promotion[] = []
  if (liveVersion(context.database, { model, environment: 'staging' }) !== version) {
    const staging = await requestPromotion(context, { ...request, environment: 'staging' })
    steps.push(staging)
    if (staging.state !== 'committed') return { steps, last: staging }
  }
  const production = await requestPromotion(context, { ...request, environment: 'production' })
  return { steps: [...steps, production], last: production }
}

/**
 * Approves a promotion that waits for a person, and makes it live.
 *
 * @throws {TickerflowError} APPROVAL_REFUSED for the requester, for somebody whom the rules don't
 *   name, after the deadline, or when nothing awaits approval; PROMOTION_CONFLICT when what is live
 *   is no longer what the evidence was judged against.
 */
export async function approvePromotion(
  context: PromotionContext,
  id: string,
  approval: Approval,
): Promise<Promotion> {
  expireOverdue(context)
  const promotion = getPromotion(context.database, id)
  assertMayApprove(context, promotion, approval.approver)
  writeApproval(context, promotion, approval)
  announce(context, id)
  return assertStands(await drive(context, id))
}

export interface Rejection {
  readonly by: string
  readonly reason: string
  /** Of whoever runs the program, when `by` was named by hand. */
  readonly account?: string
}

/**
 * Ends a promotion that waits for a person; a requester may withdraw their own.
 *
 * @throws {TickerflowError} APPROVAL_REFUSED when nothing awaits approval.
 */
export function rejectPromotion(
  context: PromotionContext,
  id: string,
  rejection: Rejection,
): Promotion {
  expireOverdue(context)
  assertAwaits(getPromotion(context.database, id))
  transition(context.database, id, {
    from: 'gated',
    to: 'rejected',
    atMs: context.clock(),
    fields: { ...rejection },
  })
  announce(context, id)
  return getPromotion(context.database, id)
}

/** Ends the promotions that nobody has approved in time. */
export function expireOverdue(context: PromotionContext): void {
  const atMs = context.clock()
  for (const { id, expiresAtMs } of pendingPromotions(context.database)) {
    if (expiresAtMs === undefined || expiresAtMs > atMs) continue
    transition(context.database, id, { from: 'gated', to: 'expired', atMs })
    announce(context, id)
  }
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
  expireOverdue(context)
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
  const { model, version, environment, recipe, requester, policy, override, account } = request
  const id = context.newId()
  const requestedAtMs = context.clock()
  const evidence = evidenceDigest(request.evidence)
  const { approvals } = policy
  const waits = approvals === 'team' && environment === 'production'
  return context.database.transaction(() => {
    recordPolicy(context.database, { policy, rules: context.rules }, requestedAtMs)
    const look = countLook(context.database, { model, recipe, evidence, atMs: requestedAtMs })
    insertPromotion(
      context.database,
      {
        ...{ id, model, version, environment, recipe, requester, approvals, requestedAtMs },
        kind: override === undefined ? 'gate' : 'override',
        reason: override?.reason,
        expiresAtMs: waits ? requestedAtMs + context.rules.approvalHours * HOUR_MS : undefined,
      },
      { evidence, look, policy, ...(account === undefined ? {} : { account }) },
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
  const goesOn = decision === 'promote' || request.override !== undefined
  transition(context.database, id, {
    from: 'requested',
    to: goesOn ? 'gated' : 'refused',
    atMs: context.clock(),
    verdict,
    fields: { decision, reasons, look, verdict: digestOf(verdict) },
  })
}

function assertMayApprove(context: PromotionContext, promotion: Promotion, approver: string): void {
  assertAwaits(promotion)
  const { approvers } = context.rules
  const names = approvers.length === 0 ? 'nobody' : approvers.join(', ')
  const what = `the promotion of ${spokenPromotion(promotion)}`
  const why =
    approver === promotion.requester
      ? `${approver} asked for ${what} and cannot approve it too; another person has to.`
      : approvers.includes(approver)
        ? undefined
        : `${approver} may not approve ${what}: the policy names ${names}. Add the name to promotion.approvers, or ask one of them.`
  if (why === undefined) return
  throw new TickerflowError('APPROVAL_REFUSED', why, { details: { id: promotion.id, approver } })
}

function assertAwaits(promotion: Promotion): void {
  if (awaitsPerson(promotion)) return
  const { id, state, approvals } = promotion
  const message = `The promotion of ${spokenPromotion(promotion)} awaits no approval: it is ${state} under the policy '${approvals}'.`
  throw new TickerflowError('APPROVAL_REFUSED', message, { details: { id, state } })
}
