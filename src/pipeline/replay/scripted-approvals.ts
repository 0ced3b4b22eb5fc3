/** People's decisions in a replay, read from a script instead of being waited for. */
import { forecasterName } from '../../registry/forecaster-name.ts'
import {
  approvePromotion,
  type PromotionContext,
  rejectPromotion,
} from '../../registry/promotion.ts'
import { pendingPromotions } from '../../registry/promotion-journal.ts'
import type { ApprovalScript } from './replay-plan.ts'

/** Decides what waits on the day; a decision about nothing is passed over. */
export async function applyApprovals(
  promotions: PromotionContext,
  script: ApprovalScript,
  date: string,
): Promise<void> {
  for (const { symbol, decision, by, reason = 'scripted' } of script.filter(isOn(date))) {
    const model = forecasterName(symbol)
    const waiting = pendingPromotions(promotions.database).find((one) => one.model === model)
    if (waiting === undefined) continue
    if (decision === 'reject') rejectPromotion(promotions, waiting.id, { by, reason })
    else await approvePromotion(promotions, waiting.id, { approver: by })
  }
}

function isOn(date: string) {
  return (one: ApprovalScript[number]) => one.date === date
}
