/** Promotions, for people and as documents. */
import type { Promotion } from '../registry/promotion-journal.ts'
import { isoInstant } from './words.ts'

export interface PromotionDocument {
  readonly id: string
  readonly model: string
  readonly version: number
  readonly environment: 'staging' | 'production'
  readonly kind: Promotion['kind']
  readonly state: Promotion['state']
  /** What the gate said; null where it was not asked. */
  readonly decision: string | null
  readonly reasons: readonly string[]
  /** Why, where the gate did not decide. */
  readonly reason: string | null
  readonly requester: string
  readonly approver: string | null
  readonly requestedAt: string | null
  readonly expiresAt: string | null
  readonly committedAt: string | null
}

export function promotionDocument(promotion: Promotion): PromotionDocument {
  const { id, model, version, environment, kind, state, requester } = promotion
  return {
    ...{ id, model, version, environment, kind, state },
    decision: promotion.verdict?.decision ?? null,
    reasons: promotion.verdict?.reasons ?? [],
    reason: promotion.reason ?? null,
    requester,
    approver: promotion.approver ?? null,
    requestedAt: isoInstant(promotion.requestedAtMs),
    expiresAt: isoInstant(promotion.expiresAtMs),
    committedAt: isoInstant(promotion.committedAtMs),
  }
}

/** One sentence: what became of it. */
export function promotionWords(promotion: Promotion): string {
  const { id, model, version, environment, state, approver, verdict } = promotion
  const what = `${model} version ${version}`
  switch (state) {
    case 'committed':
      return `${what} is live in ${environment}, approved by ${approver ?? 'nobody'}.`
    case 'gated':
      return `${what} awaits approval for ${environment} until ${minute(promotion.expiresAtMs)}: tickerflow models approve ${id.slice(0, 8)}`
    case 'refused':
      return `${what} stays out of ${environment}: the gate says ${verdict?.decision ?? 'nothing'}.`
    default:
      return `${what} to ${environment}: ${state}.`
  }
}

/** `2013-03-01 21:00` UTC */
export function minute(instantMs: number | undefined): string {
  return isoInstant(instantMs)?.slice(0, 16).replace('T', ' ') ?? '–'
}
