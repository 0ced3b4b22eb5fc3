/** Fits the candidate on all data and registers it, without judging it. */
import { formatDay } from '../market/trading-date.ts'
import type { Application } from './application.ts'
import { fitOnAll, warmStartTags } from './final-fit.ts'
import { assertNotStopped } from './interruption.ts'
import { experimentOf, type LifecycleRequest, prepare } from './preparation.ts'
import { finalMetrics } from './record-results.ts'
import { registerVersion } from './register-version.ts'
import type { VersionDocument } from './run-document.ts'
import { engineTags } from './run-recording/engine-tags.ts'
import { writeModelCard } from './run-recording/model-card-file.ts'
import { withRecordedRun } from './run-recording/recorded-run.ts'

export interface TrainDocument {
  readonly symbol: string
  /** Last session learnt from, `YYYY-MM-DD`. */
  readonly trainedTo: string
  readonly epochs: number
  readonly run: { readonly id: string; readonly experiment: string }
  readonly version: VersionDocument
}

export async function trainCandidate(
  app: Application,
  request: LifecycleRequest,
): Promise<TrainDocument> {
  const given = await prepare(app, request)
  const { step } = request.progress
  return await withRecordedRun(app, given, async (run) => {
    const final = await step('Train on all data', (report) => fitOnAll(app, given, report))
    const version = await step('Record and register', async (report) => {
      assertNotStopped(given.signal)
      const metrics = finalMetrics(final, app.clock())
      const params = { trained_to: formatDay(given.frame.date.at(-1) ?? 0) }
      const tags = { ...engineTags(final.saved), ...warmStartTags(final) }
      await app.tracking.logBatch(run.id, { metrics, params, tags })
      const version = await registerVersion(app, given, { run, final, report })
      await writeModelCard(app, given, { run, version, final })
      return version
    })
    return {
      symbol: given.symbol,
      trainedTo: formatDay(given.frame.date.at(-1) ?? 0),
      epochs: final.training.length,
      run: { id: run.id, experiment: experimentOf(given) },
      version: {
        name: version.name,
        version: String(version.version),
        environment: 'development',
      },
    }
  })
}
