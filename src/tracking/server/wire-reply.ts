/** The store's things as MLflow writes them in JSON: snake_case, nothing that is unset. */
import type { LoggedModel, LoggedModelStatus } from '../logged-model-store.ts'
import type {
  ArtifactEntry,
  Experiment,
  Metric,
  ModelVersion,
  RegisteredModel,
  Run,
  StringMap,
} from '../tracking-store.ts'

/** What JSON of a reply is made from; `undefined` and empty lists are left out. */
export type WireReply = Readonly<Record<string, unknown>>

export const LOGGED_MODEL_STATUSES: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
}

/** A page under the name that MLflow gives its items. */
export function pageReply<T>(
  name: string,
  page: { readonly items: readonly T[]; readonly nextPageToken?: string },
  itemReply: (item: T) => WireReply,
): WireReply {
  return compact({ [name]: page.items.map(itemReply), next_page_token: page.nextPageToken })
}

export function experimentReply(experiment: Experiment): WireReply {
  return compact({
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    creation_time: experiment.createdAtMs,
    last_update_time: experiment.updatedAtMs,
    tags: entriesReply(experiment.tags),
  })
}

export function runReply(run: Run): WireReply {
  return {
    info: runInfoReply(run),
    data: compact({
      metrics: run.metrics.map(metricReply),
      params: entriesReply(run.params),
      tags: entriesReply(run.tags),
    }),
    inputs: compact({
      dataset_inputs: run.inputs.map(({ dataset, tags }) =>
        compact({
          tags: entriesReply(tags ?? {}),
          dataset: compact({
            name: dataset.name,
            digest: dataset.digest,
            source_type: dataset.sourceType,
            source: dataset.source,
            schema: dataset.schema,
            profile: dataset.profile,
          }),
        }),
      ),
      model_inputs: run.inputModelIds.map((id) => ({ model_id: id })),
    }),
    outputs: compact({
      model_outputs: run.outputModels.map(({ modelId, step }) => ({ model_id: modelId, step })),
    }),
  }
}

export function runInfoReply(run: Run): WireReply {
  return compact({
    run_uuid: run.id,
    run_id: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTimeMs,
    end_time: run.endTimeMs,
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  })
}

/** JSON has no NaN: MLflow writes it as text. */
export function metricReply(metric: Metric): WireReply {
  return compact({
    key: metric.key,
    value: Number.isNaN(metric.value) ? 'NaN' : metric.value,
    timestamp: metric.timestampMs,
    step: metric.step,
    model_id: metric.modelId,
    dataset_name: metric.datasetName,
    dataset_digest: metric.datasetDigest,
  })
}

export function loggedModelReply(model: LoggedModel): WireReply {
  const status = Object.entries(LOGGED_MODEL_STATUSES).find(([, one]) => one === model.status)
  return {
    info: compact({
      model_id: model.id,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAtMs,
      last_updated_timestamp_ms: model.updatedAtMs,
      artifact_uri: model.artifactUri,
      status: status?.[0],
      model_type: model.modelType ?? '',
      source_run_id: model.sourceRunId ?? '',
      tags: entriesReply(model.tags),
    }),
    data: compact({
      params: entriesReply(model.params),
      metrics: model.metrics.map((metric) => ({ ...metricReply(metric), run_id: metric.runId })),
    }),
  }
}

export function registeredModelReply(
  model: RegisteredModel,
  latest: readonly ModelVersion[],
): WireReply {
  return compact({
    name: model.name,
    creation_timestamp: model.createdAtMs,
    last_updated_timestamp: model.updatedAtMs,
    description: model.description || undefined,
    latest_versions: latest.map(modelVersionReply),
    tags: entriesReply(model.tags),
    aliases: Object.entries(model.aliases).map(([alias, version]) => ({
      alias,
      version: String(version),
    })),
  })
}

export function modelVersionReply(version: ModelVersion): WireReply {
  return compact({
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdAtMs,
    last_updated_timestamp: version.updatedAtMs,
    user_id: version.userId,
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    run_id: version.runId ?? '',
    status: version.status,
    run_link: version.runLink ?? '',
    tags: entriesReply(version.tags),
    aliases: version.aliases,
  })
}

export function artifactReply(entry: ArtifactEntry): WireReply {
  return compact({ path: entry.path, is_dir: entry.isDirectory, file_size: entry.sizeBytes })
}

export function compact(fields: WireReply): WireReply {
  const set: Record<string, unknown> = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) set[name] = value
  }
  return set
}

function entriesReply(entries: StringMap): readonly WireReply[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value }))
}
