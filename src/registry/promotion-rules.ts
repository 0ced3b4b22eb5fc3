/** What a promotion needs besides the gate's verdict, as plain data that can be filed and logged. */

/**
 * What becomes of an alias or stage that another MLflow client has moved: nothing (`ignore`: what is
 * live stays live, and the move is reported), it is put back (`restore`), or it stands (`accept`).
 */
export type AliasMoves = 'ignore' | 'restore' | 'accept'

export interface PromotionRules {
  /** Who may approve promotions to Production under the policy `team`. */
  readonly approvers: readonly string[]
  /** Hours after its request in which a promotion can be approved. */
  readonly approvalHours: number
  readonly aliasMoves: AliasMoves
}

export const DEFAULT_PROMOTION_RULES: PromotionRules = {
  approvers: [],
  approvalHours: 72,
  aliasMoves: 'ignore',
}
