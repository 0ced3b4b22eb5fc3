/** Compares a migrated store with its copy, thing by thing. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../canonical-json.ts'
import type { ArtifactRepository } from '../client/artifacts/artifact-repository.ts'
import type { LoggedModel } from '../logged-model-store.ts'
import type { Metric, RegisteredModel, Run, StringMap } from '../tracking-store.ts'
import { mappedRun, mappedSource } from './copy-registry.ts'
import { mappedTags } from './copy-runs.ts'
import { filesOf, itemsOf, type Migration, ORIGIN_TAG } from './migration-plan.ts'

/** What was compared, and what is not the same, in words. */
export class Comparison {
  readonly counts: Record<string, number> = {}
  readonly differences: string[] = []

  same(kind: string, place: string, one: unknown, other: unknown): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    const [original, copy] = [spoken(one), spoken(other)]
    if (original === copy) return
    this.differences.push(`${kind} of ${place}: ${short(original)} here, ${short(copy)} there`)
  }
}

export async function compareRun(migration: Migration, run: Run, seen: Comparison): Promise<void> {
  const { source, target, state } = migration
  const place = `run ${run.id}`
  const copy = await target.getRun(state.progress.runs[run.id] ?? '')
  const facts = ({ name, userId, status, startTimeMs, endTimeMs, lifecycleStage }: Run) => ({
    ...{ name, userId, status, startTimeMs, endTimeMs, lifecycleStage },
  })
  seen.same('runs', place, facts(run), facts(copy))
  seen.same('params', place, run.params, copy.params)
  seen.same('tags', place, mappedTags(migration, run.tags), ownTags(copy.tags))
  seen.same('data sets', place, sorted(run.inputs), sorted(copy.inputs))
  const { models } = state.progress
  const links = (ids: readonly string[]) => ids.map((id) => models[id] ?? `deleted ${id}`)
  const outputs = run.outputModels.map(({ modelId }) => modelId)
  const kept = (ids: readonly string[]) => ids.filter((id) => models[id] !== undefined)
  seen.same(
    'model links',
    place,
    sorted(links(kept(run.inputModelIds))),
    sorted(copy.inputModelIds),
  )
  const copied = copy.outputModels.map(({ modelId }) => modelId)
  seen.same('model links', place, sorted(links(kept(outputs))), sorted(copied))
  for (const { key } of run.metrics) {
    const original = await pointsOf((page) => source.getMetricHistory(run.id, key, page))
    const points = await pointsOf((page) => target.getMetricHistory(copy.id, key, page))
    seen.same('metric histories', `${place}, ${key}`, original, points)
    seen.counts['metric points'] = (seen.counts['metric points'] ?? 0) + original.length
  }
  const files = await target.artifactsAt(copy.artifactUri)
  await compareFiles(migration.sourceArtifacts(run.artifactUri), files, { place, seen })
}

export async function compareModel(
  { target, state, sourceArtifacts }: Migration,
  model: LoggedModel,
  seen: Comparison,
): Promise<void> {
  const place = `logged model ${model.id}`
  const { runs, models } = state.progress
  const copy = await target.getLoggedModel(models[model.id] ?? '')
  const facts = (one: LoggedModel, sourceRunId: string | undefined) => ({
    ...{ name: one.name, modelType: one.modelType, status: one.status, params: one.params },
    ...{ sourceRunId, tags: ownTags(one.tags) },
  })
  const origin = model.sourceRunId === undefined ? undefined : runs[model.sourceRunId]
  seen.same('logged models', place, facts(model, origin), facts(copy, copy.sourceRunId))
  const measured = (one: LoggedModel, idOf: (run: string) => string) =>
    sorted(
      one.metrics.map(({ runId, key, value, step, timestampMs }) => ({
        ...{ key, step, timestampMs, value: String(value), run: idOf(runId) },
      })),
    )
  seen.same(
    'logged models',
    `${place}, metrics`,
    measured(model, (run) => runs[run] ?? run),
    measured(copy, (run) => run),
  )
  const files = await target.artifactsAt(copy.artifactUri)
  await compareFiles(sourceArtifacts(model.artifactUri), files, { place, seen })
}

export async function compareRegistered(
  migration: Migration,
  model: RegisteredModel,
  seen: Comparison,
): Promise<void> {
  const { source, target } = migration
  const place = `registered model ${model.name}`
  const copy = await target.getRegisteredModel(model.name)
  const facts = ({ description, tags, aliases }: RegisteredModel) => ({
    ...{ description, tags, aliases },
  })
  seen.same('registered models', place, facts(model), facts(copy))
  for await (const version of itemsOf((page) => source.listModelVersions(model.name, page))) {
    const there = await target.getModelVersion(version)
    const { description, stage, tags } = version
    seen.same(
      'model versions',
      `${place}, version ${version.version}`,
      {
        ...{ description, stage, tags },
        source: mappedSource(migration, version.source),
        runId: mappedRun(migration, version.runId),
      },
      {
        ...{ description: there.description, stage: there.stage, tags: ownTags(there.tags) },
        ...{ source: there.source, runId: there.runId },
      },
    )
  }
}

async function compareFiles(
  original: ArtifactRepository,
  copy: ArtifactRepository,
  { place, seen }: { readonly place: string; readonly seen: Comparison },
): Promise<void> {
  const [here, there] = [await digestsOf(original), await digestsOf(copy)]
  for (const path of new Set([...here.keys(), ...there.keys()])) {
    seen.same('artifacts', `${place}, ${path}`, here.get(path) ?? 'none', there.get(path) ?? 'none')
  }
}

async function digestsOf(repository: ArtifactRepository): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  for await (const { path } of filesOf(repository)) {
    const hash = createHash('sha256')
    for await (const chunk of await repository.open(path)) hash.update(chunk)
    digests.set(path, hash.digest('hex'))
  }
  return digests
}

async function pointsOf(
  fetchPage: Parameters<typeof itemsOf<Metric>>[0],
): Promise<readonly string[]> {
  const points: string[] = []
  for await (const { timestampMs, step, value } of itemsOf<Metric>(fetchPage)) {
    points.push(`${timestampMs} ${step} ${value}`)
  }
  return points.toSorted()
}

/** Without what the migration adds, and what servers keep up by themselves. */
function ownTags(tags: StringMap): StringMap {
  const foreign = [ORIGIN_TAG, 'mlflow.modelVersions']
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !foreign.includes(key)))
}

function sorted(items: readonly unknown[]): readonly string[] {
  return items.map(spoken).toSorted()
}

function spoken(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value)
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
