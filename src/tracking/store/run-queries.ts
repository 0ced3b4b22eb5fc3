/** Runs in the embedded store: creation, updates and batches of logged values. */

import { numberOf, type Row, textOf } from '../../sqlite/row.ts'
import {
  assertAtMost,
  assertKey,
  assertTagKeys,
  invalid,
  LIMITS,
  RUN_NAME_TAG,
  truncated,
} from '../tracking-rules.ts'
import type { CreateRunRequest, LogBatch, Run, RunUpdate, StringMap } from '../tracking-store.ts'
import { requireActiveRun, requireRun } from './active-run.ts'
import { experimentNumber, getExperiment } from './experiment-queries.ts'
import { insertMetrics } from './metric-queries.ts'
import { insertModelMetrics } from './model-metrics.ts'
import { RUN_STATUSES, runsOf } from './run-rows.ts'
import type { StoreContext } from './store-context.ts'

const UNFINISHED: readonly string[] = ['SCHEDULED', 'RUNNING']

const INSERT_RUN = `INSERT INTO runs
  (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
   end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
  VALUES (?, ?, 'LOCAL', '', '', ?, 'RUNNING', ?, NULL, '', 'active', ?, ?)`

const UPSERT_TAG = `INSERT INTO tags ("key", value, run_uuid) VALUES (?, ?, ?)
  ON CONFLICT ("key", run_uuid) DO UPDATE SET value = excluded.value`

export function createRun(context: StoreContext, request: CreateRunRequest): Run {
  return context.connection.transaction(() => {
    const experiment = getExperiment(context, request.experimentId)
    if (experiment.lifecycleStage !== 'active') {
      throw invalid(`Experiment '${experiment.name}' is deleted; restore it before adding runs.`)
    }
    const id = context.newId()
    const name = nameOfNewRun(request, id)
    const artifactUri = `${experiment.artifactLocation}/${id}/artifacts`
    const startTimeMs = request.startTimeMs ?? context.clock()
    context.connection
      .prepare(INSERT_RUN)
      .run(
        id,
        name,
        request.userId ?? '',
        startTimeMs,
        artifactUri,
        experimentNumber(experiment.id),
      )
    writeTags(context, id, { ...request.tags, [RUN_NAME_TAG]: name })
    return getRun(context, id)
  })
}

export function getRun(context: StoreContext, id: string): Run {
  return onlyRun(context, requireRun(context, id))
}

export function updateRun(context: StoreContext, id: string, update: RunUpdate): Run {
  return context.connection.transaction(() => {
    requireActiveRun(context, id)
    if (update.status !== undefined) setStatus(context, id, update.status)
    const endTimeMs = endTimeOf(context, update)
    if (endTimeMs !== undefined) {
      context.connection
        .prepare('UPDATE runs SET end_time = ? WHERE run_uuid = ?')
        .run(endTimeMs, id)
    }
    if (update.name !== undefined) writeTags(context, id, { [RUN_NAME_TAG]: update.name })
    return getRun(context, id)
  })
}

export function logBatch(context: StoreContext, runId: string, batch: LogBatch): void {
  context.connection.transaction(() => {
    const experimentId = numberOf(requireActiveRun(context, runId), 'experiment_id')
    writeParams(context, runId, batch.params ?? {})
    insertMetrics(context, runId, batch.metrics ?? [])
    insertModelMetrics(context, { runId, experimentId }, batch.metrics ?? [])
    writeTags(context, runId, batch.tags ?? {})
  })
}

function onlyRun(context: StoreContext, row: Row): Run {
  const [run] = runsOf(context, [row])
  if (run === undefined) throw new RangeError('One row of runs gave no run.')
  return run
}

function nameOfNewRun(request: CreateRunRequest, id: string): string {
  const tagged = request.tags?.[RUN_NAME_TAG]
  if (request.name && tagged !== undefined && request.name !== tagged) {
    throw invalid(
      `The run is named '${request.name}' but tagged ${RUN_NAME_TAG} = '${tagged}'; give one of them, or the same.`,
    )
  }
  return request.name || tagged || `run-${id.slice(0, 8)}`
}

function setStatus(context: StoreContext, id: string, status: string): void {
  if (!RUN_STATUSES.some((known) => known === status)) {
    throw invalid(`A run cannot have status '${status}'; use one of ${RUN_STATUSES.join(', ')}.`)
  }
  context.connection.prepare('UPDATE runs SET status = ? WHERE run_uuid = ?').run(status, id)
}

function endTimeOf(context: StoreContext, update: RunUpdate): number | undefined {
  if (update.endTimeMs !== undefined) return update.endTimeMs
  const ends = update.status !== undefined && !UNFINISHED.includes(update.status)
  return ends ? context.clock() : undefined
}

function writeTags(context: StoreContext, runId: string, tags: StringMap): void {
  assertTagKeys(tags)
  const upsert = context.connection.prepare(UPSERT_TAG)
  for (const [key, value] of Object.entries(tags)) {
    if (key === RUN_NAME_TAG) rename(context, runId, value)
    upsert.run(key, truncated(value, LIMITS.tagValue), runId)
  }
}

function rename(context: StoreContext, runId: string, name: string): void {
  assertAtMost('run name', name, LIMITS.runName)
  context.connection.prepare('UPDATE runs SET name = ? WHERE run_uuid = ?').run(name, runId)
}

function writeParams(context: StoreContext, runId: string, params: StringMap): void {
  const insert = context.connection.prepare(
    'INSERT INTO params ("key", value, run_uuid) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  for (const [key, value] of Object.entries(params)) {
    assertKey('param', key)
    const stored = truncated(value, LIMITS.paramValue)
    const { changes } = insert.run(key, stored, runId)
    if (changes === 0) assertSameParam(context, runId, { key, value: stored })
  }
}

function assertSameParam(
  context: StoreContext,
  runId: string,
  param: { readonly key: string; readonly value: string },
): void {
  const row = context.connection
    .prepare('SELECT value FROM params WHERE run_uuid = ? AND "key" = ?')
    .get(runId, param.key)
  const recorded = row === undefined ? undefined : textOf(row, 'value')
  if (recorded === param.value) return
  throw invalid(
    `Param '${param.key}' of run '${runId}' is '${recorded}' and cannot become '${param.value}'; params never change, so start another run.`,
    { runId, key: param.key },
  )
}
