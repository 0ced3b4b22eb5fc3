/** Copies experiments, runs and logged models, with everything that was logged to them. */
import { TickerflowError } from '../../errors.ts'
import { blobOf } from '../client/artifacts/artifact-repository.ts'
import type { LoggedModel } from '../logged-model-store.ts'
import type { Experiment, Metric, Run, StringMap } from '../tracking-store.ts'
import { filesOf, itemsOf, type Migration, ORIGIN_TAG } from './migration-plan.ts'

const PARENT_TAG = 'mlflow.parentRunId'
const PAGE_OF_POINTS = 25_000

export async function copyExperiment(
  { target, state, onProgress }: Migration,
  experiment: Experiment,
): Promise<string> {
  const { id, name, tags, lifecycleStage } = experiment
  const known = state.progress.experiments[id]
  if (known !== undefined) return known
  const there = await target.getExperimentByName(name)
  if (there?.lifecycleStage === 'deleted' && lifecycleStage === 'active') {
    const message = `${target.uri} has a deleted experiment '${name}'. Restore it, or delete it for good, and start the migration again.`
    throw new TickerflowError('ALREADY_EXISTS', message, { details: { name } })
  }
  const copy = there ?? (await target.createExperiment({ name }))
  // Deleted again at the end: what is deleted takes nothing.
  if (copy.lifecycleStage === 'deleted') await target.restoreExperiment(copy.id)
  await target.setExperimentTags(copy.id, tags)
  state.progress.experiments[id] = copy.id
  await state.save()
  onProgress(`experiment ${name}`)
  return copy.id
}

/** The run and, before it, the run that it is nested in. @returns Its id at the target. */
export async function copyRun(migration: Migration, run: Run): Promise<string> {
  const { state, onProgress } = migration
  const id = await ensureRun(migration, run)
  if (state.progress.complete[run.id]) return id
  await fillRun(migration, run, id)
  state.progress.complete[run.id] = true
  await state.save()
  onProgress(`run ${run.name} (${run.id})`)
  return id
}

async function ensureRun(migration: Migration, run: Run): Promise<string> {
  const { source, target, state } = migration
  const known = state.progress.runs[run.id]
  if (known !== undefined) return known
  const parent = run.tags[PARENT_TAG]
  if (parent !== undefined && parent !== run.id) {
    const found = await source.getRun(parent).catch(() => undefined)
    if (found !== undefined) await ensureRun(migration, found)
  }
  const experimentId = await copyExperiment(migration, await source.getExperiment(run.experimentId))
  const { items } = await target.searchRuns({
    experimentIds: [experimentId],
    filter: `tags.\`${ORIGIN_TAG}\` = '${run.id}'`,
    view: 'all',
  })
  const [there] = items
  if (there?.lifecycleStage === 'deleted') await target.restoreRun(there.id)
  const copy =
    there ??
    (await target.createRun({
      experimentId,
      name: run.name,
      userId: run.userId,
      ...(run.startTimeMs === undefined ? {} : { startTimeMs: run.startTimeMs }),
      tags: { [ORIGIN_TAG]: run.id },
    }))
  state.progress.runs[run.id] = copy.id
  await state.save()
  return copy.id
}

async function fillRun(migration: Migration, run: Run, id: string): Promise<void> {
  const { source, target } = migration
  await target.logBatch(id, { params: run.params, tags: mappedTags(migration, run.tags) })
  for (const { key } of run.metrics) {
    const pages = itemsOf<Metric>((page) =>
      source.getMetricHistory(run.id, key, { limit: PAGE_OF_POINTS, ...page }),
    )
    for await (const metrics of chunksOf(pages)) await target.logBatch(id, { metrics })
  }
  await target.logInputs(id, run.inputs)
  const { artifactUri } = await target.getRun(id)
  await copyFiles(migration, run.artifactUri, artifactUri)
  const { status, endTimeMs } = run
  await target.updateRun(id, { status, ...(endTimeMs === undefined ? {} : { endTimeMs }) })
}

/** Ids of runs of the source in tags become those of their copies. */
export function mappedTags({ state }: Migration, tags: StringMap): StringMap {
  const parent = tags[PARENT_TAG]
  const mapped = parent === undefined ? undefined : state.progress.runs[parent]
  return mapped === undefined ? tags : { ...tags, [PARENT_TAG]: mapped }
}

async function* chunksOf(points: AsyncIterable<Metric>): AsyncGenerator<Metric[]> {
  let chunk: Metric[] = []
  for await (const point of points) {
    chunk.push(point)
    if (chunk.length < PAGE_OF_POINTS) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** Files go through the memory one after the other. */
async function copyFiles(migration: Migration, from: string, to: string): Promise<void> {
  const original = migration.sourceArtifacts(from)
  const copy = await migration.target.artifactsAt(to)
  for await (const { path } of filesOf(original)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of await original.open(path)) chunks.push(chunk)
    await copy.write(path, blobOf(Buffer.concat(chunks)))
  }
}

/** A logged model with its files and metrics; its runs are there already. */
export async function copyModel(migration: Migration, model: LoggedModel): Promise<void> {
  const { target, state, onProgress } = migration
  if (state.progress.complete[model.id]) return
  const id = await ensureModel(migration, model)
  await copyFiles(migration, model.artifactUri, (await target.getLoggedModel(id)).artifactUri)
  for (const { runId, ...metric } of model.metrics) {
    const run = state.progress.runs[runId]
    if (run !== undefined) await target.logBatch(run, { metrics: [{ ...metric, modelId: id }] })
  }
  if (model.status !== 'PENDING') await target.setLoggedModelStatus(id, model.status)
  state.progress.complete[model.id] = true
  await state.save()
  onProgress(`logged model ${model.name} (${model.id})`)
}

async function ensureModel(
  { target, state }: Migration,
  { id, experimentId, name, modelType, sourceRunId, params, tags }: LoggedModel,
): Promise<string> {
  const known = state.progress.models[id]
  if (known !== undefined) return known
  const experiment = state.progress.experiments[experimentId] ?? ''
  const { items } = await target.searchLoggedModels({
    experimentIds: [experiment],
    filter: `tags.\`${ORIGIN_TAG}\` = '${id}'`,
  })
  const run = sourceRunId === undefined ? undefined : state.progress.runs[sourceRunId]
  const copy =
    items[0] ??
    (await target.createLoggedModel({
      experimentId: experiment,
      name,
      params,
      tags: { ...tags, [ORIGIN_TAG]: id },
      ...(modelType === undefined ? {} : { modelType }),
      ...(run === undefined ? {} : { sourceRunId: run }),
    }))
  state.progress.models[id] = copy.id
  await state.save()
  return copy.id
}

/** The links between runs and models, once both are there. */
export async function linkModels({ target, state }: Migration, run: Run): Promise<void> {
  const { runs, models } = state.progress
  const id = runs[run.id]
  if (id === undefined) return
  const inputs = run.inputModelIds.flatMap((model) => models[model] ?? [])
  if (inputs.length > 0) await target.logInputs(id, [], inputs)
  const outputs = run.outputModels.flatMap(({ modelId, step }) => {
    const model = models[modelId]
    return model === undefined ? [] : [{ modelId: model, step }]
  })
  if (outputs.length > 0) await target.logOutputs(id, outputs)
}
