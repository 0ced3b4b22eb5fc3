/** Writes requests in MLflow's JSON; its names begin here. */
import type { LoggedModelQuery } from '../logged-model-store.ts'
import { LOGGED_MODEL_STATUSES, type WireReply } from '../server/wire-reply.ts'
import type {
  DatasetInput,
  LogBatch,
  Metric,
  ModelOutput,
  RunQuery,
  RunStatus,
  StringMap,
  ViewType,
} from '../tracking-store.ts'

export const VIEW_WORDS: Readonly<Record<ViewType, string>> = {
  active: 'ACTIVE_ONLY',
  deleted: 'DELETED_ONLY',
  all: 'ALL',
}

/** JSON leaves `undefined` out by itself. */
type Wire = WireReply

export function entriesOf(entries: StringMap = {}): readonly Wire[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value }))
}

/** JSON has neither NaN nor infinities: they go as text. */
export function metricBody(metric: Metric): Wire {
  return {
    key: metric.key,
    value: Number.isFinite(metric.value) ? metric.value : String(metric.value),
    timestamp: metric.timestampMs,
    step: metric.step,
    model_id: metric.modelId,
    dataset_name: metric.datasetName,
    dataset_digest: metric.datasetDigest,
  }
}

export function batchBody(runId: string, { metrics = [], params, tags }: LogBatch): Wire {
  return {
    run_id: runId,
    metrics: metrics.map(metricBody),
    params: entriesOf(params),
    tags: entriesOf(tags),
  }
}

export function inputsBody(
  runId: string,
  inputs: readonly DatasetInput[],
  modelIds: readonly string[],
): Wire {
  return {
    run_id: runId,
    datasets: inputs.map(({ dataset, tags }) => ({
      tags: entriesOf(tags),
      dataset: {
        name: dataset.name,
        digest: dataset.digest,
        source_type: dataset.sourceType,
        source: dataset.source,
        schema: dataset.schema,
        profile: dataset.profile,
      },
    })),
    models: modelIds.map((id) => ({ model_id: id })),
  }
}

export function outputsBody(runId: string, models: readonly ModelOutput[]): Wire {
  return { run_id: runId, models: models.map(({ modelId, step }) => ({ model_id: modelId, step })) }
}

/** Statuses and order are part of the filter and of the order there. */
export function runSearchBody(query: RunQuery): Wire {
  const { statuses, filter = '', orderBy = [], order } = query
  const status = statuses === undefined ? [] : statusFilter(statuses)
  const ordersByStart = orderBy.some((field) => /start_time|created/i.test(field))
  const oldestFirst = order === 'oldest-first' && !ordersByStart
  return {
    experiment_ids: query.experimentIds,
    filter: [...(filter.trim() === '' ? [] : [filter]), ...status].join(' AND '),
    run_view_type: VIEW_WORDS[query.view ?? 'active'],
    order_by: [...orderBy, ...(oldestFirst ? ['attributes.start_time ASC'] : [])],
    max_results: query.limit ?? 1000,
    page_token: query.pageToken,
  }
}

const STATUSES: readonly RunStatus[] = ['SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED']

/** MLflow's filters have neither OR nor a list of statuses: the others are excluded one by one. */
function statusFilter(statuses: readonly RunStatus[]): readonly string[] {
  return STATUSES.filter((status) => !statuses.includes(status)).map(
    (status) => `attributes.status != '${status}'`,
  )
}

export function loggedModelSearchBody(query: LoggedModelQuery): Wire {
  return {
    experiment_ids: query.experimentIds,
    filter: query.filter,
    datasets: query.datasets?.map(({ name, digest }) => ({
      dataset_name: name,
      dataset_digest: digest,
    })),
    order_by: query.orderBy?.map(({ field, descending, dataset }) => ({
      field_name: field,
      ascending: !descending,
      dataset_name: dataset?.name,
      dataset_digest: dataset?.digest,
    })),
    max_results: query.limit ?? 100,
    page_token: query.pageToken,
  }
}

export function loggedModelStatusWord(status: string): string {
  const found = Object.entries(LOGGED_MODEL_STATUSES).find(([, one]) => one === status)
  return found?.[0] ?? status
}
