/** Reads what a tracking server answers; the names of MLflow's JSON end here. */
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import type { LoggedModel, LoggedModelMetric } from '../logged-model-store.ts'
import { LOGGED_MODEL_STATUSES } from '../server/wire-reply.ts'
import { metricOfRequest, WireRequest } from '../server/wire-request.ts'
import type {
  ArtifactEntry,
  DatasetInput,
  Experiment,
  LifecycleStage,
  MetricOfRun,
  ModelStage,
  ModelVersion,
  Page,
  RegisteredModel,
  Run,
  RunStatus,
} from '../tracking-store.ts'

/** The fields of a JSON object of a reply; the same leniency as for requests. */
export type WireFields = WireRequest

const STAGES: Readonly<Record<string, LifecycleStage>> = { active: 'active', deleted: 'deleted' }
const MODEL_STAGES: Readonly<Record<string, ModelStage>> = {
  None: 'None',
  Staging: 'Staging',
  Production: 'Production',
  Archived: 'Archived',
}
const STATUSES: Readonly<Record<string, RunStatus>> = {
  SCHEDULED: 'SCHEDULED',
  RUNNING: 'RUNNING',
  FINISHED: 'FINISHED',
  FAILED: 'FAILED',
  KILLED: 'KILLED',
}

/** @throws {TickerflowError} TRACKING_REPLY_INVALID when the reply is not what `read` expects. */
export function readReply<T>(uri: string, reply: unknown, read: (fields: WireFields) => T): T {
  try {
    return read(new WireRequest(reply))
  } catch (cause) {
    if (!isTickerflowError(cause) || cause.code !== 'TRACKING_INVALID') throw cause
    const message = `${uri} answered something that is not MLflow's: ${cause.message}`
    throw new TickerflowError('TRACKING_REPLY_INVALID', message, { details: { uri }, cause })
  }
}

export function pageOfReply<T>(
  fields: WireFields,
  name: string,
  read: (item: WireFields) => T,
): Page<T> {
  const items = fields.records(name).map(read)
  const nextPageToken = fields.optionalText('next_page_token')
  return nextPageToken ? { items, nextPageToken } : { items }
}

export function experimentOf(fields: WireFields): Experiment {
  return {
    id: fields.text('experiment_id'),
    name: fields.text('name'),
    artifactLocation: fields.optionalText('artifact_location') ?? '',
    lifecycleStage: fields.word('lifecycle_stage', STAGES) ?? 'active',
    createdAtMs: fields.optionalInteger('creation_time'),
    updatedAtMs: fields.optionalInteger('last_update_time'),
    tags: fields.entries('tags'),
  }
}

export function runOf(fields: WireFields): Run {
  const [info, data] = [fields.record('info'), fields.record('data')]
  const [inputs, outputs] = [fields.record('inputs'), fields.record('outputs')]
  return {
    id: info.optionalText('run_id') || info.text('run_uuid'),
    experimentId: info.text('experiment_id'),
    name: info.optionalText('run_name') ?? '',
    userId: info.optionalText('user_id') ?? '',
    status: info.word('status', STATUSES) ?? 'RUNNING',
    lifecycleStage: info.word('lifecycle_stage', STAGES) ?? 'active',
    startTimeMs: info.optionalInteger('start_time'),
    endTimeMs: info.optionalInteger('end_time'),
    artifactUri: info.optionalText('artifact_uri') ?? '',
    params: data.entries('params'),
    metrics: data.records('metrics').map(metricOfRequest),
    tags: data.entries('tags'),
    inputs: inputs.records('dataset_inputs').map(inputOf),
    inputModelIds: inputs.records('model_inputs').map((model) => model.text('model_id')),
    outputModels: outputs.records('model_outputs').map((model) => ({
      modelId: model.text('model_id'),
      step: model.optionalInteger('step') ?? 0,
    })),
  }
}

function inputOf(fields: WireFields): DatasetInput {
  const dataset = fields.record('dataset')
  const schema = dataset.optionalText('schema')
  const profile = dataset.optionalText('profile')
  return {
    dataset: {
      name: dataset.text('name'),
      digest: dataset.text('digest'),
      sourceType: dataset.optionalText('source_type') ?? '',
      source: dataset.optionalText('source') ?? '',
      ...(schema ? { schema } : {}),
      ...(profile ? { profile } : {}),
    },
    tags: fields.entries('tags'),
  }
}

export function metricOfRun(fields: WireFields): MetricOfRun {
  return { runId: fields.text('run_id'), metric: metricOfRequest(fields) }
}

export function registeredModelOf(fields: WireFields): RegisteredModel {
  const aliases = fields
    .records('aliases')
    .map((alias) => [alias.text('alias'), alias.integer('version')] as const)
  return {
    name: fields.text('name'),
    description: fields.optionalText('description') ?? '',
    createdAtMs: fields.optionalInteger('creation_timestamp'),
    updatedAtMs: fields.optionalInteger('last_updated_timestamp'),
    tags: fields.entries('tags'),
    aliases: Object.fromEntries(aliases),
  }
}

/** Without its storage location, which the server tells on a route of its own. */
export function modelVersionOf(fields: WireFields): Omit<ModelVersion, 'storageLocation'> {
  return {
    name: fields.text('name'),
    version: fields.integer('version'),
    description: fields.optionalText('description') ?? '',
    createdAtMs: fields.optionalInteger('creation_timestamp'),
    updatedAtMs: fields.optionalInteger('last_updated_timestamp'),
    stage: fields.word('current_stage', MODEL_STAGES) ?? 'None',
    source: fields.optionalText('source') ?? '',
    runId: fields.optionalText('run_id') || undefined,
    runLink: fields.optionalText('run_link') || undefined,
    userId: fields.optionalText('user_id') || undefined,
    status: fields.optionalText('status') ?? 'READY',
    tags: fields.entries('tags'),
    aliases: fields.texts('aliases'),
  }
}

/** What the server shows is not deleted. */
export function loggedModelOf(fields: WireFields): LoggedModel {
  const [info, data] = [fields.record('info'), fields.record('data')]
  return {
    id: info.text('model_id'),
    experimentId: info.text('experiment_id'),
    name: info.optionalText('name') ?? '',
    artifactUri: info.optionalText('artifact_uri') ?? '',
    createdAtMs: info.optionalInteger('creation_timestamp_ms') ?? 0,
    updatedAtMs: info.optionalInteger('last_updated_timestamp_ms') ?? 0,
    status: info.word('status', LOGGED_MODEL_STATUSES) ?? 'PENDING',
    lifecycleStage: 'active',
    modelType: info.optionalText('model_type') || undefined,
    sourceRunId: info.optionalText('source_run_id') || undefined,
    params: data.entries('params'),
    tags: info.entries('tags'),
    metrics: data.records('metrics').map(loggedModelMetricOf),
  }
}

function loggedModelMetricOf(fields: WireFields): LoggedModelMetric {
  return { ...metricOfRequest(fields), runId: fields.optionalText('run_id') ?? '' }
}

/** MLflow leaves the size of an empty file out. */
export function artifactOf(fields: WireFields): ArtifactEntry {
  const isDirectory = fields.has('is_dir') && fields.flag('is_dir')
  const sizeBytes = isDirectory ? undefined : (fields.optionalInteger('file_size') ?? 0)
  return { path: fields.text('path'), isDirectory, sizeBytes }
}
