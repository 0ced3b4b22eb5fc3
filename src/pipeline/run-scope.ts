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
  /** Id of a run that was left unfinished and is gone on with, instead of a new one. */
  readonly resumed?: string | undefined
}

/**
 * Runs `work` inside a tracked run, which ends as FINISHED, KILLED (interrupted) or FAILED with the
 * error's message as a tag.
 */
export async function withRun<T>(
  app: Application,
  { experiment, ...scope }: RunScope,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  if (scope.resumed !== undefined) {
    const run = await app.tracking.updateRun(scope.resumed, { status: 'RUNNING' })
    return await around(app, run, work)
  }
  const { id } = await experimentNamed(app.tracking, experiment)
  return await around(app, await startRun(app, id, scope), work)
}

/** A run inside another one's experiment; MLflow's UI shows it under its parent. */
export type ChildScope = Pick<RunScope, 'name'> & Partial<Pick<RunScope, 'params' | 'tags'>>

/**
 * Runs `work` inside a run nested in another one, which ends as `withRun` ends runs. The parent goes
 * on, or ends, as the caller decides.
 */
export async function withChildRun<T>(
  app: Application,
  parent: Run,
  scope: ChildScope,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const tags = { ...scope.tags, [PARENT_TAG]: parent.id }
  return await around(app, await startRun(app, parent.experimentId, { ...scope, tags }), work)
}

/** MLflow's own name for what nests one run in another. */
const PARENT_TAG = 'mlflow.parentRunId'

async function around<T>(app: Application, run: Run, work: (run: Run) => Promise<T>): Promise<T> {
  try {
    const result = await work(run)
    await app.tracking.updateRun(run.id, { status: 'FINISHED' })
    return result
  } catch (error) {
    await endBadly(app.tracking, run.id, error)
    throw error
  }
}

async function startRun(app: Application, experimentId: string, scope: ChildScope): Promise<Run> {
  const { tracking, user } = app
  const { name, params, tags = {} } = scope
  const run = await tracking.createRun({ experimentId, name, userId: user, tags })
  if (params !== undefined) await tracking.logBatch(run.id, { params })
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
