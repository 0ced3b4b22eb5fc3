/** Routes of logged models. */
import type { LoggedModelOrder, LoggedModelQuery, MetricDataset } from '../../logged-model-store.ts'
import { aside, del, get, NOTHING, patch, post, type Route } from '../route.ts'
import {
  artifactReply,
  compact,
  LOGGED_MODEL_STATUSES,
  loggedModelReply,
  pageReply,
} from '../wire-reply.ts'
import { pageOfRequest, type WireRequest } from '../wire-request.ts'

export const LOGGED_MODEL_ROUTES: readonly Route[] = [
  post('/logged-models', async (request, store) => {
    const name = request.optionalText('name')
    const modelType = request.optionalText('model_type')
    const sourceRunId = request.optionalText('source_run_id')
    const model = await store.createLoggedModel({
      experimentId: request.text('experiment_id'),
      params: request.entries('params', 'refused'),
      tags: request.entries('tags'),
      ...(name ? { name } : {}),
      ...(modelType ? { modelType } : {}),
      ...(sourceRunId ? { sourceRunId } : {}),
    })
    return { model: loggedModelReply(model) }
  }),
  aside(
    post('/logged-models/search', async (request, store) =>
      pageReply('models', await store.searchLoggedModels(queryOf(request)), loggedModelReply),
    ),
  ),
  get('/logged-models/:model_id', async (request, store) => ({
    model: loggedModelReply(await store.getLoggedModel(request.text('model_id'))),
  })),
  patch('/logged-models/:model_id', async (request, store) => {
    const status = request.word('status', LOGGED_MODEL_STATUSES)
    const id = request.text('model_id')
    if (status === undefined) request.text('status')
    return { model: loggedModelReply(await store.setLoggedModelStatus(id, status ?? 'PENDING')) }
  }),
  del('/logged-models/:model_id', async (request, store) => {
    await store.deleteLoggedModel(request.text('model_id'))
    return NOTHING
  }),
  patch('/logged-models/:model_id/tags', async (request, store) => {
    await store.setLoggedModelTags(request.text('model_id'), request.entries('tags'))
    return NOTHING
  }),
  del('/logged-models/:model_id/tags/:tag_key', async (request, store) => {
    await store.deleteLoggedModelTag(request.text('model_id'), request.text('tag_key'))
    return NOTHING
  }),
  post('/logged-models/:model_id/params', async (request, store) => {
    const params = request.entries('params', 'refused')
    await store.logLoggedModelParams(request.text('model_id'), params)
    return NOTHING
  }),
  get('/logged-models/:model_id/artifacts/directories', async (request, store) => {
    const id = request.text('model_id')
    const path = request.optionalText('artifact_directory_path')
    const { artifactUri } = await store.getLoggedModel(id)
    const files = await store.listLoggedModelArtifacts(id, path || undefined)
    return compact({ root_uri: artifactUri, files: files.map(artifactReply) })
  }),
]

function queryOf(request: WireRequest): LoggedModelQuery {
  return {
    ...pageOfRequest(request, { defaultLimit: 100, mostLimit: 50_000 }),
    experimentIds: request.texts('experiment_ids'),
    filter: request.optionalText('filter') ?? '',
    datasets: request.records('datasets').map(datasetOf),
    orderBy: request.records('order_by').map(orderOf),
  }
}

function datasetOf(request: WireRequest): MetricDataset {
  const digest = request.optionalText('dataset_digest')
  return { name: request.text('dataset_name'), ...(digest ? { digest } : {}) }
}

function orderOf(request: WireRequest): LoggedModelOrder {
  const name = request.optionalText('dataset_name')
  const digest = request.optionalText('dataset_digest')
  return {
    field: request.text('field_name'),
    descending: request.has('ascending') && !request.flag('ascending'),
    dataset: { ...(name ? { name } : {}), ...(digest ? { digest } : {}) },
  }
}
