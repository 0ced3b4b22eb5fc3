/** Routes of registered models and their aliases. */
import { invalid } from '../../tracking-rules.ts'
import type { ModelStage, RegisteredModel, TrackingStore } from '../../tracking-store.ts'
import { aside, del, get, getOrPost, NOTHING, patch, post, type Route } from '../route.ts'
import {
  modelVersionReply,
  pageReply,
  registeredModelReply,
  type WireReply,
} from '../wire-reply.ts'
import { pageOfRequest, type WireRequest } from '../wire-request.ts'

export const REGISTERED_MODEL_ROUTES: readonly Route[] = [
  post('/registered-models/create', async (request, store) => {
    const description = request.optionalText('description')
    const model = await store.createRegisteredModel({
      name: request.text('name'),
      tags: request.entries('tags'),
      ...(description ? { description } : {}),
    })
    return { registered_model: await replyOf(store, model) }
  }),
  get('/registered-models/get', async (request, store) => {
    const model = await store.getRegisteredModel(request.text('name'))
    return { registered_model: await replyOf(store, model) }
  }),
  aside(
    get('/registered-models/search', async (request, store) => {
      const page = await store.searchRegisteredModels({
        ...pageOfRequest(request, { defaultLimit: 100, mostLimit: 1000 }),
        filter: request.optionalText('filter') ?? '',
        orderBy: request.texts('order_by'),
      })
      const items = await Promise.all(page.items.map((model) => replyOf(store, model)))
      return pageReply('registered_models', { ...page, items }, (reply) => reply)
    }),
  ),
  post('/registered-models/rename', async (request, store) => {
    const newName = request.text('new_name')
    const model = await store.renameRegisteredModel(request.text('name'), newName)
    return { registered_model: await replyOf(store, model) }
  }),
  patch('/registered-models/update', async (request, store) => {
    const description = request.optionalText('description')
    const update = description === undefined ? {} : { description }
    const model = await store.updateRegisteredModel(request.text('name'), update)
    return { registered_model: await replyOf(store, model) }
  }),
  del('/registered-models/delete', async (request, store) => {
    await store.deleteRegisteredModel(request.text('name'))
    return NOTHING
  }),
  post('/registered-models/set-tag', async (request, store) => {
    const tags = { [request.text('key')]: request.optionalText('value') ?? '' }
    await store.updateRegisteredModel(request.text('name'), { tags })
    return NOTHING
  }),
  del('/registered-models/delete-tag', async (request, store) => {
    await store.deleteRegisteredModelTag(request.text('name'), request.text('key'))
    return NOTHING
  }),
  getOrPost('/registered-models/get-latest-versions', async (request, store) => {
    const stages = request.texts('stages').map(stageOf)
    const versions = await store.latestModelVersions(
      request.text('name'),
      stages.length === 0 ? undefined : stages,
    )
    return pageReply('model_versions', { items: versions }, modelVersionReply)
  }),
  get('/registered-models/alias', async (request, store) => {
    const [name, alias] = [request.text('name'), request.text('alias')]
    const version = await store.getVersionByAlias(name, alias)
    if (version === undefined) throw invalid(`Registered model alias ${alias} not found.`)
    return { model_version: modelVersionReply(version) }
  }),
  post('/registered-models/alias', async (request, store) => {
    await store.setAlias(versionRefOf(request), request.text('alias'))
    return NOTHING
  }),
  del('/registered-models/alias', async (request, store) => {
    await store.deleteAlias(request.text('name'), request.text('alias'))
    return NOTHING
  }),
]

const STAGES: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived']

/** In any case, as MLflow takes it. */
export function stageOf(word: string): ModelStage {
  const stage = STAGES.find((known) => known.toLowerCase() === word.toLowerCase())
  if (stage !== undefined) return stage
  throw invalid(`Invalid Model Version stage: ${word}. Value must be one of ${STAGES.join(', ')}.`)
}

/** Versions are text on the wire. */
export function versionRefOf(request: WireRequest) {
  const name = request.text('name')
  if (!request.has('version')) request.text('version')
  return { name, version: request.integer('version') }
}

async function replyOf(store: TrackingStore, model: RegisteredModel): Promise<WireReply> {
  return registeredModelReply(model, await store.latestModelVersions(model.name))
}
