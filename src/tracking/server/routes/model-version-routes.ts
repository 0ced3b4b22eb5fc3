/** Routes of model versions. */
import { invalid } from '../../tracking-rules.ts'
import type { ModelVersionRef, TrackingStore } from '../../tracking-store.ts'
import { aside, del, get, NOTHING, patch, post, type Route } from '../route.ts'
import { assertSourceInside } from '../version-source.ts'
import { modelVersionReply, pageReply } from '../wire-reply.ts'
import { pageOfRequest } from '../wire-request.ts'
import { stageOf, versionRefOf } from './registered-model-routes.ts'

export const MODEL_VERSION_ROUTES: readonly Route[] = [
  post('/model-versions/create', async (request, store) => {
    const runId = request.optionalText('run_id') || undefined
    const modelId = request.optionalText('model_id') || undefined
    const runLink = request.optionalText('run_link')
    const description = request.optionalText('description')
    const source = request.text('source')
    await assertSourceInside(store, { source, runId, modelId })
    const made =
      modelId === undefined ? undefined : (await store.getLoggedModel(modelId)).sourceRunId
    const origin = runId ?? made
    const version = await store.createModelVersion({
      name: request.text('name'),
      source,
      tags: request.entries('tags'),
      ...(origin === undefined ? {} : { runId: origin }),
      ...(runLink ? { runLink } : {}),
      ...(description ? { description } : {}),
    })
    if (modelId !== undefined) await recordVersion(store, modelId, version)
    return { model_version: modelVersionReply(version) }
  }),
  get('/model-versions/get', async (request, store) => ({
    model_version: modelVersionReply(await store.getModelVersion(versionRefOf(request))),
  })),
  aside(
    get('/model-versions/search', async (request, store) => {
      const page = await store.searchModelVersions({
        ...pageOfRequest(request, { defaultLimit: 10_000, mostLimit: 200_000 }),
        filter: request.optionalText('filter') ?? '',
        orderBy: request.texts('order_by'),
      })
      return pageReply('model_versions', page, modelVersionReply)
    }),
  ),
  patch('/model-versions/update', async (request, store) => {
    const description = request.optionalText('description')
    const update = description === undefined ? {} : { description }
    const version = await store.updateModelVersion(versionRefOf(request), update)
    return { model_version: modelVersionReply(version) }
  }),
  post('/model-versions/transition-stage', async (request, store) => {
    const stage = stageOf(request.text('stage'))
    const archiveExisting = request.flag('archive_existing_versions')
    if (archiveExisting && (stage === 'None' || stage === 'Archived')) {
      throw invalid(
        `Existing versions can be archived for Staging or Production, not for ${stage}.`,
      )
    }
    const version = await store.setModelVersionStage(versionRefOf(request), stage, {
      archiveExisting,
    })
    return { model_version: modelVersionReply(version) }
  }),
  del('/model-versions/delete', async (request, store) => {
    await store.deleteModelVersion(versionRefOf(request))
    return NOTHING
  }),
  post('/model-versions/set-tag', async (request, store) => {
    const tags = { [request.text('key')]: request.optionalText('value') ?? '' }
    await store.updateModelVersion(versionRefOf(request), { tags })
    return NOTHING
  }),
  del('/model-versions/delete-tag', async (request, store) => {
    await store.deleteModelVersionTag(versionRefOf(request), request.text('key'))
    return NOTHING
  }),
  get('/model-versions/get-download-uri', async (request, store) => ({
    artifact_uri: (await store.getModelVersion(versionRefOf(request))).storageLocation,
  })),
]

/** A logged model's tag says which versions were made from it, in the very text that MLflow writes. */
async function recordVersion(
  store: TrackingStore,
  modelId: string,
  { name, version }: ModelVersionRef,
): Promise<void> {
  const before = (await store.getLoggedModel(modelId)).tags[VERSIONS_TAG] ?? '[]'
  const entry = `{"name": ${JSON.stringify(name)}, "version": ${version}}`
  const entries = before === '[]' ? entry : `${before.slice(1, -1)}, ${entry}`
  await store.setLoggedModelTags(modelId, { [VERSIONS_TAG]: `[${entries}]` })
}

const VERSIONS_TAG = 'mlflow.modelVersions'
