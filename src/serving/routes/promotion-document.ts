/** A promotion as the API tells of it. */
import { Type } from 'typebox'
import { needsPerson, type Promotion } from '../../registry/promotion-journal.ts'

export const Instant = Type.Union([Type.String({ description: 'ISO 8601.' }), Type.Null()])
const Text = Type.Union([Type.String(), Type.Null()])
const Figure = Type.Union([Type.Number(), Type.Null()])

const Claim = Type.Object({
  claim: Type.String(),
  required: Type.Boolean({ description: 'Promotion needs it.' }),
  standing: Type.String({ description: 'holds, open or fails.' }),
  statement: Type.String(),
  p: Figure,
  threshold: Figure,
})

export const PromotionDocument = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  environment: Type.String(),
  kind: Type.String({ description: 'gate, override, rollback or external.' }),
  state: Type.String(),
  awaitsApproval: Type.Boolean(),
  decision: Text,
  reasons: Type.Array(Type.String()),
  claims: Type.Array(Claim),
  reason: Text,
  requester: Type.String(),
  approver: Text,
  requestedAt: Instant,
  expiresAt: Instant,
  committedAt: Instant,
})

export function promotionDocument(promotion: Promotion) {
  const { id, version, environment, kind, state, requester, verdict } = promotion
  const claims = verdict?.claims ?? []
  return {
    ...{ id, version, environment, kind, state, requester },
    awaitsApproval: state === 'gated' && needsPerson(promotion),
    decision: verdict?.decision ?? null,
    reasons: [...(verdict?.reasons ?? [])],
    claims: claims.map(({ claim, required, standing, statement, p, threshold }) => {
      return { claim, required, standing, statement, p, threshold }
    }),
    reason: promotion.reason ?? null,
    approver: promotion.approver ?? null,
    requestedAt: iso(promotion.requestedAtMs),
    expiresAt: iso(promotion.expiresAtMs),
    committedAt: iso(promotion.committedAtMs),
  }
}

export function iso(instantMs: number | undefined): string | null {
  return instantMs === undefined ? null : new Date(instantMs).toISOString()
}
