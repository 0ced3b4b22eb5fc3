/** A tracked run that says where it came from and what the machine did meanwhile. */
import type { Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { type Preparation, runScopeOf } from '../preparation.ts'
import { programDigest } from '../program-digest.ts'
import { PROGRAM_TAG } from '../reproduction-tags.ts'
import { withRun } from '../run-scope.ts'
import { barsInput } from '../training-log.ts'
import { redactedConfig } from './redacted-config.ts'
import { withSystemMetrics } from './system-metrics.ts'

export const CONFIGURATION_FILE = 'configuration.json'

/**
 * Data and configuration are recorded first, so that a run that fails has them too.
 *
 * @param resumed Id of an unfinished run to go on with.
 */
export async function withRecordedRun<T>(
  app: Application,
  given: Preparation,
  work: (run: Run) => Promise<T>,
  resumed?: string,
): Promise<T> {
  const { tracking } = app
  const scope = runScopeOf(given)
  const program = { [PROGRAM_TAG]: await programDigest() }
  const tags = { ...(await app.provenance()), ...program, ...scope.tags }
  return await withRun(app, { ...scope, tags, resumed }, async (run) => {
    if (resumed === undefined) {
      const inputs = given.panel.map(({ bars }) => barsInput(bars))
      await tracking.logInputs(run.id, inputs)
      await tracking.writeArtifact(run.id, CONFIGURATION_FILE, redactedConfig(given.config))
    }
    return await withSystemMetrics(app, run, () => work(run))
  })
}
