/** `tickerflow retrain`: a challenger of what is live. */
import {
  retrainIfDue,
  spokenRetraining,
  retrainNow as trainNow,
} from '../pipeline/retraining/retrain-now.ts'
import { withContext } from './context.ts'
import { configOf, type ModelOptions } from './flags.ts'
import { holderName } from './holder-name.ts'

export interface RetrainOptions extends ModelOptions {
  readonly reason?: string
  readonly ifDue?: boolean
  readonly shadow?: number
}

export async function retrainNow(options: RetrainOptions): Promise<void> {
  const { shadow: shadowSessions } = options
  const flags = {
    ...configOf(options),
    ...(shadowSessions === undefined ? {} : { retrain: { shadowSessions } }),
  }
  await withContext(options, flags, async ({ app, config, progress, signal, answer }) => {
    const request = { config, csv: options.csv, progress, signal }
    const holder = holderName()
    if (options.ifDue) {
      const outcome = await retrainIfDue(app, request, holder)
      answer({ symbol: config.symbol, outcome }, () => `${config.symbol}: ${outcome}.`)
      return
    }
    const why = { trigger: 'hand', reason: options.reason ?? 'asked for by hand' } as const
    const made = await trainNow(app, request, { why, holder })
    answer(
      { symbol: config.symbol, retraining: made ?? null },
      () => `${config.symbol}: ${spokenRetraining(made)}.`,
    )
  })
}
