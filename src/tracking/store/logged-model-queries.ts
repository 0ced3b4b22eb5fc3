/** Logged models in the embedded store. */

import {
  numberOf,
  optionalTextOf,
  type Row,
  stringMapOf,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import type {
  CreateLoggedModelRequest,
  LoggedModel,
  LoggedModelMetric,
  LoggedModelStatus,
} from '../logged-model-store.ts'
import {
  assertKey,
  assertModelName,
  assertTagKeys,
  invalid,
  LIMITS,
  missing,
  truncated,
} from '../tracking-rules.ts'
import type { LifecycleStage, StringMap } from '../tracking-store.ts'
import { requireRun } from './active-run.ts'
import { experimentNumber, getExperiment } from './experiment-queries.ts'
import { requireModelRow } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

/** By the number that MLflow keeps in the database. */
const STATUSES: Readonly<Record<number, LoggedModelStatus>> = {
  1: 'PENDING',
  2: 'READY',
  3: 'UPLOAD_FAILED',
}
const STAGES: readonly LifecycleStage[] = ['active', 'deleted']

const INSERT_MODEL = `INSERT INTO logged_models
  (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
   last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
  VALUES (?, ?, ?, ?, ?, ?, 1, 'active', ?, ?)`

const UPSERT_TAG = `INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value`

const INSERT_PARAM = `INSERT INTO logged_model_params
  (model_id, experiment_id, param_key, param_value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`

export function createLoggedModel(
  context: StoreContext,
  request: CreateLoggedModelRequest,
): LoggedModel {
  return context.connection.transaction(() => {
    const experiment = getExperiment(context, request.experimentId)
    if (experiment.lifecycleStage !== 'active') {
      throw invalid(`Experiment '${experiment.name}' is deleted; restore it before adding models.`)
    }
    if (request.sourceRunId !== undefined) requireRun(context, request.sourceRunId)
    const id = `m-${context.newId()}`
    const name = request.name || `model-${id.slice(2, 10)}`
    assertLoggedModelName(name)
    const now = context.clock()
    const location = `${experiment.artifactLocation}/models/${id}/artifacts`
    const { modelType = '', sourceRunId = '' } = request
    context.connection
      .prepare(INSERT_MODEL)
      .run(id, experimentNumber(experiment.id), name, location, now, now, modelType, sourceRunId)
    writeParams(context, id, request.params ?? {})
    writeTags(context, id, request.tags ?? {})
    return getLoggedModel(context, id)
  })
}

export function getLoggedModel(context: StoreContext, id: string): LoggedModel {
  return loggedModelOf(context, requireModelRow(context, id))
}

export function setLoggedModelStatus(
  context: StoreContext,
  id: string,
  status: LoggedModelStatus,
): LoggedModel {
  const number = Object.entries(STATUSES).find(([, word]) => word === status)?.[0]
  if (number === undefined) throw invalid(`A logged model cannot have status '${status}'.`)
  return changed(context, id, () => {
    context.connection
      .prepare('UPDATE logged_models SET status = ? WHERE model_id = ?')
      .run(Number(number), id)
  })
}

export function deleteLoggedModel(context: StoreContext, id: string): void {
  context.connection.transaction(() => {
    requireModelRow(context, id)
    context.connection
      .prepare(
        `UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ?
         WHERE model_id = ?`,
      )
      .run(context.clock(), id)
  })
}

export function setLoggedModelTags(
  context: StoreContext,
  id: string,
  tags: StringMap,
): LoggedModel {
  return changed(context, id, () => writeTags(context, id, tags))
}

export function deleteLoggedModelTag(context: StoreContext, id: string, key: string): void {
  context.connection.transaction(() => {
    requireModelRow(context, id)
    const { changes } = context.connection
      .prepare('DELETE FROM logged_model_tags WHERE model_id = ? AND tag_key = ?')
      .run(id, key)
    if (changes === 0) throw missing(`Tag '${key}' of logged model '${id}'`)
  })
}

export function logLoggedModelParams(
  context: StoreContext,
  id: string,
  params: StringMap,
): LoggedModel {
  return changed(context, id, () => writeParams(context, id, params))
}

export function loggedModelOf(context: StoreContext, row: Row): LoggedModel {
  const id = textOf(row, 'model_id')
  const status = STATUSES[numberOf(row, 'status')]
  return {
    id,
    experimentId: String(numberOf(row, 'experiment_id')),
    name: textOf(row, 'name'),
    artifactUri: textOf(row, 'artifact_location'),
    createdAtMs: numberOf(row, 'creation_timestamp_ms'),
    updatedAtMs: numberOf(row, 'last_updated_timestamp_ms'),
    status: status ?? 'PENDING',
    lifecycleStage: wordOf(row, 'lifecycle_stage', STAGES),
    modelType: optionalTextOf(row, 'model_type') || undefined,
    sourceRunId: optionalTextOf(row, 'source_run_id') || undefined,
    params: entriesOf(context, 'param', id),
    tags: entriesOf(context, 'tag', id),
    metrics: metricsOf(context, id),
  }
}

function changed(context: StoreContext, id: string, change: () => void): LoggedModel {
  return context.connection.transaction(() => {
    requireModelRow(context, id)
    change()
    context.connection
      .prepare('UPDATE logged_models SET last_updated_timestamp_ms = ? WHERE model_id = ?')
      .run(context.clock(), id)
    return getLoggedModel(context, id)
  })
}

const FORBIDDEN_IN_NAME = /[/:.%"']/

function assertLoggedModelName(name: string): void {
  assertModelName(name)
  if (FORBIDDEN_IN_NAME.test(name)) {
    throw invalid(`The logged model name '${name}' has one of / : . % " ', which URIs need.`)
  }
}

function writeTags(context: StoreContext, id: string, tags: StringMap): void {
  assertTagKeys(tags)
  const experimentId = numberOf(requireModelRow(context, id), 'experiment_id')
  const upsert = context.connection.prepare(UPSERT_TAG)
  for (const [key, value] of Object.entries(tags)) {
    upsert.run(id, experimentId, key, truncated(value, LIMITS.tagValue))
  }
}

function writeParams(context: StoreContext, id: string, params: StringMap): void {
  const experimentId = numberOf(requireModelRow(context, id), 'experiment_id')
  const insert = context.connection.prepare(INSERT_PARAM)
  for (const [key, value] of Object.entries(params)) {
    assertKey('param', key)
    const stored = truncated(value, LIMITS.paramValue)
    const { changes } = insert.run(id, experimentId, key, stored)
    if (changes === 0 && entriesOf(context, 'param', id)[key] !== stored) {
      throw invalid(`Param '${key}' of logged model '${id}' is set already; params never change.`)
    }
  }
}

const ENTRIES = {
  param: `SELECT param_key AS "key", param_value AS value FROM logged_model_params
    WHERE model_id = ? ORDER BY param_key`,
  tag: `SELECT tag_key AS "key", tag_value AS value FROM logged_model_tags
    WHERE model_id = ? ORDER BY tag_key`,
} as const

function entriesOf(context: StoreContext, kind: keyof typeof ENTRIES, id: string): StringMap {
  return stringMapOf(context.connection.prepare(ENTRIES[kind]).all(id))
}

function metricsOf(context: StoreContext, id: string): readonly LoggedModelMetric[] {
  const rows: readonly Row[] = context.connection
    .prepare(
      `SELECT * FROM logged_model_metrics WHERE model_id = ?
       ORDER BY metric_name, metric_step, metric_timestamp_ms`,
    )
    .all(id)
  return rows.map(metricOf)
}

function metricOf(row: Row): LoggedModelMetric {
  const datasetName = optionalTextOf(row, 'dataset_name')
  const datasetDigest = optionalTextOf(row, 'dataset_digest')
  return {
    key: textOf(row, 'metric_name'),
    value: row.metric_value === null ? Number.NaN : numberOf(row, 'metric_value'),
    timestampMs: numberOf(row, 'metric_timestamp_ms'),
    step: numberOf(row, 'metric_step'),
    modelId: textOf(row, 'model_id'),
    runId: textOf(row, 'run_id'),
    ...(datasetName === undefined ? {} : { datasetName }),
    ...(datasetDigest === undefined ? {} : { datasetDigest }),
  }
}
