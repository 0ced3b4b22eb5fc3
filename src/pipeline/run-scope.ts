/** A tracked run around a piece of work: created before it, ended with what became of it. */
import { isTickerflowError } from '../errors.ts'
import type { Run, RunStatus, StringMap, TrackingStore } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'

export interface RunScope {
  /** Experiment, created when it is new. */
  readonly experiment: string
  readonly name: string
  readonly params: StringMap
  readonly tags: StringMap
}

/**
 * Runs `work` inside a tracked run, which ends as FINISHED, KILLED (interrupted) or FAILED with the
 * error's message as a tag.
 */
export async function withRun<T>(
  app: Application,
  scope: RunScope,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const run = await startRun(app, scope)
  try {
    const result = await work(run)
    await app.tracking.updateRun(run.id, { status: 'FINISHED' })
    return result
  } catch (error) {
    await endBadly(app.tracking, run.id, error)
    throw error
  }
}

async function startRun(app: Application, scope: RunScope): Promise<Run> {
  const { tracking, user } = app
  const { experiment, name, params, tags } = scope
  const { id } = await experimentNamed(tracking, experiment)
  const run = await tracking.createRun({ experimentId: id, name, userId: user, tags })
  await tracking.logBatch(run.id, { params })
  return run
}

async function experimentNamed(tracking: TrackingStore, name: string) {
  const known = await tracking.getExperimentByName(name)
  return known ?? (await tracking.createExperiment({ name }))
}

async function endBadly(tracking: TrackingStore, runId: string, error: unknown): Promise<void> {
  const interrupted = isTickerflowError(error) && error.code === 'INTERRUPTED'
  const status: RunStatus = interrupted ? 'KILLED' : 'FAILED'
  const message = error instanceof Error ? error.message : String(error)
  await tracking.logBatch(runId, { tags: { 'tickerflow.error': message } })
  await tracking.updateRun(runId, { status })
}
