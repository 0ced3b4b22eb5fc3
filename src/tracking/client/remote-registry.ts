/** The model registry of a remote tracking server. */
import { isTickerflowError } from '../../errors.ts'
import { assertAlias, assertModelName } from '../tracking-rules.ts'
import type {
  ModelVersion,
  ModelVersionRef,
  RegisteredModel,
  TrackingStore,
} from '../tracking-store.ts'
import { type MlflowApi, nothing, pageFields, quoted } from './mlflow-api.ts'
import { naming } from './remote-experiments.ts'
import { modelVersionOf, pageOfReply, registeredModelOf, type WireFields } from './reply-codec.ts'
import { entriesOf } from './request-codec.ts'

export type RegistryMethod = Exclude<
  Extract<keyof TrackingStore, `${string}${'RegisteredModel' | 'ModelVersion' | 'Alias'}${string}`>,
  `${string}LoggedModel${string}`
>

type Located = Omit<ModelVersion, 'storageLocation'>

const modelOf = (reply: WireFields) => registeredModelOf(reply.record('registered_model'))
const versionOf = (reply: WireFields) => modelVersionOf(reply.record('model_version'))
/** Versions are text on the wire. */
const refBody = ({ name, version }: ModelVersionRef) => ({ name, version: String(version) })

export function remoteRegistry(api: MlflowApi): Pick<TrackingStore, RegistryMethod> {
  return { ...registeredModels(api), ...modelVersions(api) }
}

type ModelMethod = Extract<RegistryMethod, `${string}RegisteredModel${string}`>

function registeredModels(api: MlflowApi): Pick<TrackingStore, ModelMethod> {
  const getRegisteredModel = (name: string): Promise<RegisteredModel> =>
    api.get('/registered-models/get', { name }, modelOf)
  const search: TrackingStore['searchRegisteredModels'] = (query) =>
    api.get(
      '/registered-models/search',
      { ...pageFields(query, 100), filter: query.filter, order_by: query.orderBy },
      (reply) => pageOfReply(reply, 'registered_models', registeredModelOf),
    )
  return {
    getRegisteredModel,
    searchRegisteredModels: async (query) => await search(query),
    listRegisteredModels: async (page = {}) => await search({ limit: 1000, ...page }),
    async createRegisteredModel({ name, description, tags }) {
      assertModelName(name)
      const body = { name, description, tags: entriesOf(tags) }
      await naming(api, 'registered model', name, () =>
        api.create('/registered-models/create', body, nothing),
      )
      return await getRegisteredModel(name)
    },
    async updateRegisteredModel(name, { description, tags = {} }) {
      if (description !== undefined) {
        await api.patch('/registered-models/update', { name, description }, nothing)
      }
      for (const tag of entriesOf(tags)) {
        await api.post('/registered-models/set-tag', { name, ...tag }, nothing)
      }
      return await getRegisteredModel(name)
    },
    async renameRegisteredModel(name, newName) {
      assertModelName(newName)
      await naming(api, 'registered model', newName, () =>
        api.post('/registered-models/rename', { name, new_name: newName }, nothing),
      )
      return await getRegisteredModel(newName)
    },
    deleteRegisteredModel: (name) => api.delete('/registered-models/delete', { name }),
    deleteRegisteredModelTag: (name, key) =>
      api.delete('/registered-models/delete-tag', { name, key }),
  }
}

function modelVersions(api: MlflowApi): Pick<TrackingStore, Exclude<RegistryMethod, ModelMethod>> {
  const located = (version: Located) => withStorageLocation(api, version)
  const getModelVersion = async (ref: ModelVersionRef): Promise<ModelVersion> =>
    await located(await api.get('/model-versions/get', refBody(ref), versionOf))
  const search: TrackingStore['searchModelVersions'] = async (query) => {
    const page = await api.get(
      '/model-versions/search',
      { ...pageFields(query, 10_000), filter: query.filter, order_by: query.orderBy },
      (reply) => pageOfReply(reply, 'model_versions', modelVersionOf),
    )
    return { ...page, items: await Promise.all(page.items.map(located)) }
  }
  return {
    getModelVersion,
    searchModelVersions: search,
    async listModelVersions(name, page = {}) {
      await api.get('/registered-models/get', { name }, nothing)
      const query = { filter: `name = ${quoted(name)}`, orderBy: ['version_number DESC'] }
      return await search({ limit: 1000, ...page, ...query })
    },
    async createModelVersion({ name, source, runId, runLink, description, tags }) {
      const body = {
        name,
        source,
        run_id: runId,
        run_link: runLink,
        description,
        tags: entriesOf(tags),
        model_id: /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1],
      }
      const created = await api.create('/model-versions/create', body, versionOf)
      return await getModelVersion(created)
    },
    async updateModelVersion(ref, { description, tags = {} }) {
      if (description !== undefined) {
        await api.patch('/model-versions/update', { ...refBody(ref), description }, nothing)
      }
      for (const tag of entriesOf(tags)) {
        await api.post('/model-versions/set-tag', { ...refBody(ref), ...tag }, nothing)
      }
      return await getModelVersion(ref)
    },
    async latestModelVersions(name, stages) {
      const body = { name, stages }
      const versions = await api.post('/registered-models/get-latest-versions', body, (reply) =>
        reply.records('model_versions').map(modelVersionOf),
      )
      const byVersion = versions.toSorted((one, other) => one.version - other.version)
      return await Promise.all(byVersion.map(located))
    },
    deleteModelVersion: (ref) => api.delete('/model-versions/delete', refBody(ref)),
    deleteModelVersionTag: (ref, key) =>
      api.delete('/model-versions/delete-tag', { ...refBody(ref), key }),
    async setModelVersionStage(ref, stage, { archiveExisting = false } = {}) {
      const body = { ...refBody(ref), stage, archive_existing_versions: archiveExisting }
      return await located(await api.post('/model-versions/transition-stage', body, versionOf))
    },
    async setAlias(ref, alias) {
      assertAlias(alias)
      await api.post('/registered-models/alias', { ...refBody(ref), alias }, nothing)
    },
    async getVersionByAlias(name, alias) {
      try {
        return await located(await api.get('/registered-models/alias', { name, alias }, versionOf))
      } catch (error) {
        if (isMissingAlias(error)) return undefined
        throw error
      }
    },
    deleteAlias: (name, alias) => api.delete('/registered-models/alias', { name, alias }),
  }
}

/** Only a copy of another version, or of a logged model, has its files elsewhere than its source. */
async function withStorageLocation(api: MlflowApi, version: Located): Promise<ModelVersion> {
  if (!version.source.startsWith('models:')) return { ...version, storageLocation: version.source }
  const storageLocation = await api.get(
    '/model-versions/get-download-uri',
    refBody(version),
    (reply) => reply.optionalText('artifact_uri') ?? version.source,
  )
  return { ...version, storageLocation }
}

/** The one thing that is not there and that MLflow calls an invalid parameter. */
function isMissingAlias(error: unknown): boolean {
  return (
    isTickerflowError(error) &&
    error.code === 'TRACKING_INVALID' &&
    /^Registered model alias .* not found/.test(error.message)
  )
}
