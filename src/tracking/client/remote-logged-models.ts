/** Logged models of a remote tracking server. */
import type { LoggedModel, LoggedModelStore } from '../logged-model-store.ts'
import { invalid } from '../tracking-rules.ts'
import type { StringMap } from '../tracking-store.ts'
import { type MlflowApi, nothing, pageFields } from './mlflow-api.ts'
import { artifactOf, loggedModelOf, pageOfReply, type WireFields } from './reply-codec.ts'
import { entriesOf, loggedModelSearchBody, loggedModelStatusWord } from './request-codec.ts'

/** Names in a path may hold anything. */
const route = (id: string, rest = '') => `/logged-models/${encodeURIComponent(id)}${rest}`
const modelOf = (reply: WireFields) => loggedModelOf(reply.record('model'))

export function remoteLoggedModels(api: MlflowApi): LoggedModelStore {
  const getLoggedModel = (id: string): Promise<LoggedModel> => api.get(route(id), {}, modelOf)
  return {
    getLoggedModel,
    createLoggedModel: ({ experimentId, name, modelType, sourceRunId, params, tags }) =>
      api.create(
        '/logged-models',
        {
          experiment_id: experimentId,
          name,
          model_type: modelType,
          source_run_id: sourceRunId,
          params: entriesOf(params),
          tags: entriesOf(tags),
        },
        modelOf,
      ),
    setLoggedModelStatus: (id, status) =>
      api.patch(route(id), { model_id: id, status: loggedModelStatusWord(status) }, modelOf),
    deleteLoggedModel: (id) => api.delete(route(id)),
    async searchLoggedModels(query) {
      const { max_results } = pageFields(query, 100)
      if (query.experimentIds.length === 0) return { items: [] }
      const body = { ...loggedModelSearchBody(query), max_results }
      return await api.post('/logged-models/search', body, (reply) =>
        pageOfReply(reply, 'models', loggedModelOf),
      )
    },
    async setLoggedModelTags(id, tags) {
      await api.patch(route(id, '/tags'), { model_id: id, tags: entriesOf(tags) }, nothing)
      return await getLoggedModel(id)
    },
    deleteLoggedModelTag: (id, key) => api.delete(route(id, `/tags/${encodeURIComponent(key)}`)),
    async logLoggedModelParams(id, params) {
      // MLflow refuses the lot for one that is there already.
      const before = (await getLoggedModel(id)).params
      const news = Object.entries(params).filter(([key, value]) => isNews(before, key, value))
      if (news.length === 0) return await getLoggedModel(id)
      await api.post(
        route(id, '/params'),
        { model_id: id, params: entriesOf(Object.fromEntries(news)) },
        nothing,
      )
      return await getLoggedModel(id)
    },
    listLoggedModelArtifacts: (id, path) =>
      api.get(
        route(id, '/artifacts/directories'),
        { artifact_directory_path: path },
        (reply) => pageOfReply(reply, 'files', artifactOf).items,
      ),
  }
}

/** @throws {TickerflowError} TRACKING_INVALID for another value than it has. */
function isNews(before: StringMap, key: string, value: string): boolean {
  const known = Object.hasOwn(before, key) ? before[key] : undefined
  if (known === undefined) return true
  if (known === value) return false
  throw invalid(`The param '${key}' of the model is '${known}' and cannot become '${value}'.`)
}
