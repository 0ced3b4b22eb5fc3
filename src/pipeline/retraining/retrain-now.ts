/** Retraining as commands and jobs ask for it: one at a time for each model, whoever asks. */
import { parseSymbol } from '../../market/symbol.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import type { Promotion } from '../../registry/promotion-journal.ts'
import type { Application } from '../application.ts'
import { withLease } from '../jobs/lease.ts'
import type { LifecycleRequest } from '../preparation.ts'
import { concludeShadow, isRetrainDue, retrain } from './retrain.ts'
import type { RetrainReason } from './retrain-due.ts'
import type { Retraining } from './retraining-journal.ts'

/**
 * Trains a challenger now.
 *
 * @param holder This process, as the lease names it.
 * @returns `undefined` while another challenger is in the shadow.
 * @throws {TickerflowError} WORK_TAKEN while another process trains or judges the model; what the
 *   steps of a lifecycle throw.
 */
export async function retrainNow(
  app: Application,
  request: LifecycleRequest,
  { why, holder }: { readonly why: RetrainReason; readonly holder: string },
): Promise<Retraining | undefined> {
  return await leased(app, request, holder, async (asked) => await retrain(app, asked, why))
}

/** Ends a shadow that is over, and trains where a trigger asks for it. @returns What was done. */
export async function retrainIfDue(
  app: Application,
  request: LifecycleRequest,
  holder: string,
): Promise<string> {
  return await leased(app, request, holder, async (asked) => {
    const promotion = await concludeShadow(app, asked)
    const decision = await isRetrainDue(app, asked)
    const ended = promotion === undefined ? [] : [spokenEnd(promotion)]
    if (!decision.due) return [...ended, `not due: ${decision.reason}`].join('; ')
    const made = await retrain(app, asked, decision)
    return [...ended, spokenRetraining(made)].join('; ')
  })
}

async function leased<T>(
  app: Application,
  request: LifecycleRequest,
  holder: string,
  work: (request: LifecycleRequest) => Promise<T>,
): Promise<T> {
  const { database, wallClock } = app
  const name = `retraining of ${forecasterName(parseSymbol(request.config.symbol))}`
  return await withLease(name, { database, wallClock, holder }, async (lost) => {
    const signal = request.signal === undefined ? lost : AbortSignal.any([request.signal, lost])
    return await work({ ...request, signal })
  })
}

function spokenEnd({ version, verdict, state }: Promotion): string {
  return `version ${version} left the shadow: ${verdict?.decision ?? 'no verdict'}, ${state}`
}

/** `version 4 is in the shadow for 5 sessions (drift: …)` */
export function spokenRetraining(made: Retraining | undefined): string {
  if (made === undefined) return 'another challenger is in the shadow'
  const { version, state, outcome, reason, shadowSessions } = made
  const what =
    state === 'shadow'
      ? `is in the shadow for ${shadowSessions} sessions`
      : `was judged: ${outcome ?? state}`
  return `version ${version ?? '–'} ${what} (${reason})`
}
