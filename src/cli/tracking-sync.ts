/** `tickerflow tracking sync`: sends what a tracking server does not have yet. */
import { type GlobalOptions, withContext } from './context.ts'

export async function syncTracking(options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, config, answer }) => {
    const { trackingUri } = config
    // Every question sends what was written before.
    await app.tracking.listExperiments({ limit: 1 })
    answer({ server: trackingUri ?? null, pendingBytes: 0 }, () =>
      trackingUri === undefined
        ? 'The runs are in the store itself: there is nothing to send. MLFLOW_TRACKING_URI names a server.'
        : `${trackingUri} has everything.`,
    )
  })
}
