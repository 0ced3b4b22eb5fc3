/** Routes of runs and of what is logged to them. */
import { invalid, LIMITS } from '../../tracking-rules.ts'
import type {
  DatasetInput,
  RunQuery,
  RunStatus,
  RunUpdate,
  TrackingStore,
} from '../../tracking-store.ts'
import { aside, get, NOTHING, post, type Route } from '../route.ts'
import { pageReply, runInfoReply, runReply } from '../wire-reply.ts'
import { metricOfRequest, pageOfRequest, type WireRequest } from '../wire-request.ts'
import { VIEWS } from './experiment-routes.ts'

const STATUSES: Readonly<Record<string, RunStatus>> = {
  RUNNING: 'RUNNING',
  SCHEDULED: 'SCHEDULED',
  FINISHED: 'FINISHED',
  FAILED: 'FAILED',
  KILLED: 'KILLED',
}

/** MLflow's bounds of one batch. */
const BATCH = { metrics: 1000, params: 100, tags: 100, entities: 1000, bytes: 1_000_000 } as const
const MOST_RUNS = 50_000

export const RUN_ROUTES: readonly Route[] = [
  post('/runs/create', async (request, store) => {
    const startTimeMs = request.optionalInteger('start_time')
    const run = await store.createRun({
      experimentId: request.optionalText('experiment_id') || '0',
      userId: request.optionalText('user_id') ?? '',
      name: request.optionalText('run_name') ?? '',
      tags: request.entries('tags'),
      ...(startTimeMs === undefined ? {} : { startTimeMs }),
    })
    const { outputs: _, ...reply } = runReply(run)
    return { run: reply }
  }),
  get('/runs/get', async (request, store) => ({
    run: runReply(await store.getRun(runIdOf(request))),
  })),
  post('/runs/update', async (request, store) => ({
    run_info: runInfoReply(await store.updateRun(runIdOf(request), updateOf(request))),
  })),
  post('/runs/delete', async (request, store) => {
    await store.deleteRun(runIdOf(request))
    return NOTHING
  }),
  post('/runs/restore', async (request, store) => {
    await store.restoreRun(runIdOf(request))
    return NOTHING
  }),
  aside(
    post('/runs/search', async (request, store) =>
      pageReply('runs', await store.searchRuns(queryOf(request)), runReply),
    ),
  ),
  post('/runs/set-tag', async (request, store) => {
    const tags = { [request.text('key')]: request.optionalText('value') ?? '' }
    await store.logBatch(runIdOf(request), { tags })
    return NOTHING
  }),
  post('/runs/delete-tag', async (request, store) => {
    await store.deleteRunTag(runIdOf(request), request.text('key'))
    return NOTHING
  }),
  post('/runs/log-parameter', async (request, store) => {
    const params = { [request.text('key')]: request.optionalText('value') ?? '' }
    await store.logBatch(runIdOf(request), { params })
    return NOTHING
  }),
  post('/runs/log-metric', async (request, store) => {
    await store.logBatch(runIdOf(request), { metrics: [metricOfRequest(request)] })
    return NOTHING
  }),
  {
    ...post('/runs/log-batch', async (request, store) => {
      assertBatch(request)
      await store.logBatch(runIdOf(request), {
        metrics: request.records('metrics').map(metricOfRequest),
        params: request.entries('params', 'refused'),
        tags: request.entries('tags'),
      })
      return NOTHING
    }),
    bodyLimit: BATCH.bytes,
  },
  post('/runs/log-inputs', async (request, store) => {
    const datasets = request.records('datasets').map(datasetOf)
    const models = request.records('models').map((model) => model.text('model_id'))
    await store.logInputs(runIdOf(request), datasets, models)
    return NOTHING
  }),
  post('/runs/log-model', async (request, store) => {
    await recordModel(store, runIdOf(request), request.text('model_json'))
    return NOTHING
  }),
  post('/runs/outputs', async (request, store) => {
    const models = request.records('models').map((model) => ({
      modelId: model.text('model_id'),
      step: model.optionalInteger('step') ?? 0,
    }))
    await store.logOutputs(runIdOf(request), models)
    return NOTHING
  }),
]

/**
 * What the clients before logged models wrote about a model: one more entry of a list in a tag. The
 * oldest entries go when the tag is full.
 */
async function recordModel(store: TrackingStore, runId: string, model: string): Promise<void> {
  const before = listOf((await store.getRun(runId)).tags[MODEL_HISTORY_TAG] ?? '[]')
  const history = [...before, recordOf(model)]
  while (JSON.stringify(history).length > LIMITS.tagValue && history.length > 1) history.shift()
  await store.logBatch(runId, { tags: { [MODEL_HISTORY_TAG]: JSON.stringify(history) } })
}

const MODEL_HISTORY_TAG = 'mlflow.log-model.history'

function listOf(json: string): unknown[] {
  try {
    const list: unknown = JSON.parse(json)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function recordOf(json: string): unknown {
  try {
    const record: unknown = JSON.parse(json)
    if (typeof record === 'object' && record !== null && 'run_id' in record) return record
  } catch {
    // Falls through to the one message for everything that is no model.
  }
  throw invalid("Invalid value for parameter 'model_json': expected the JSON of an MLmodel file.")
}

/** Old clients say `run_uuid`. */
export function runIdOf(request: WireRequest): string {
  return (
    request.optionalText('run_id') || request.optionalText('run_uuid') || request.text('run_id')
  )
}

function updateOf(request: WireRequest): RunUpdate {
  const status = request.word('status', STATUSES)
  const endTimeMs = request.optionalInteger('end_time')
  const name = request.optionalText('run_name')
  return {
    ...(status === undefined ? {} : { status }),
    ...(endTimeMs === undefined ? {} : { endTimeMs }),
    ...(name ? { name } : {}),
  }
}

function queryOf(request: WireRequest): RunQuery {
  const view = request.word('run_view_type', VIEWS)
  return {
    ...pageOfRequest(request, { defaultLimit: 1000, mostLimit: MOST_RUNS }),
    experimentIds: request.texts('experiment_ids'),
    filter: request.optionalText('filter') ?? '',
    orderBy: request.texts('order_by'),
    ...(view === undefined ? {} : { view }),
  }
}

function assertBatch(request: WireRequest): void {
  const kinds = ['metrics', 'params', 'tags'] as const
  const sizes = kinds.map((kind) => request.records(kind).length)
  for (const [index, kind] of kinds.entries()) {
    const size = sizes[index] ?? 0
    if (size > BATCH[kind]) {
      throw invalid(
        `A batch logging request can contain at most ${BATCH[kind]} ${kind}; got ${size}.`,
      )
    }
  }
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > BATCH.entities) {
    throw invalid(
      `A batch logging request can contain at most ${BATCH.entities} metrics, params and tags together; got ${total}.`,
    )
  }
}

function datasetOf(input: WireRequest): DatasetInput {
  const dataset = input.record('dataset')
  const schema = dataset.optionalText('schema')
  const profile = dataset.optionalText('profile')
  return {
    tags: input.entries('tags'),
    dataset: {
      name: dataset.text('name'),
      digest: dataset.text('digest'),
      sourceType: dataset.text('source_type'),
      source: dataset.text('source'),
      ...(schema === undefined ? {} : { schema }),
      ...(profile === undefined ? {} : { profile }),
    },
  }
}
