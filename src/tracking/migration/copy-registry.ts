/** Copies registered models with their versions under the same numbers, aliases and stages. */
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import { absentAsUndefined } from '../client/remote-experiments.ts'
import type { ModelVersion, RegisteredModel } from '../tracking-store.ts'
import { itemsOf, type Migration, ORIGIN_TAG } from './migration-plan.ts'

/** Marks a version that only exists until its number is used up. */
const PLACEHOLDER_TAG = 'tickerflow.placeholder'

export async function copyRegisteredModel(
  migration: Migration,
  model: RegisteredModel,
): Promise<void> {
  const { source, target, onProgress } = migration
  const { name, description, tags, aliases } = model
  await createUnlessThere(migration, model)
  await target.updateRegisteredModel(name, { tags, ...(description === '' ? {} : { description }) })
  const versions: ModelVersion[] = []
  for await (const version of itemsOf((page) => source.listModelVersions(name, page))) {
    versions.unshift(version)
  }
  for (const version of versions) await copyVersion(migration, version)
  for await (const version of itemsOf((page) => target.listModelVersions(name, page))) {
    if (version.tags[PLACEHOLDER_TAG] !== undefined) await target.deleteModelVersion(version)
  }
  for (const [alias, version] of Object.entries(aliases)) {
    await target.setAlias({ name, version }, alias)
  }
  onProgress(`registered model ${name} with ${versions.length} versions`)
}

async function createUnlessThere(
  { target }: Migration,
  { name, description, tags }: RegisteredModel,
): Promise<void> {
  try {
    await target.createRegisteredModel({ name, description, tags })
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'ALREADY_EXISTS') throw error
  }
}

async function copyVersion(migration: Migration, version: ModelVersion): Promise<void> {
  const { target } = migration
  const { name, version: number, stage, description, tags } = version
  const ref = { name, version: number }
  const there = await absentAsUndefined(() => target.getModelVersion(ref))
  if (there === undefined) await createNumbered(migration, version)
  else if (there.tags[PLACEHOLDER_TAG] !== undefined) await settle(migration, version)
  else if (there.tags[ORIGIN_TAG] !== originOf(version)) throw taken(migration, version)
  await target.updateModelVersion(ref, { tags, ...(description === '' ? {} : { description }) })
  if (stage !== 'None') await target.setModelVersionStage(ref, stage)
}

/** Numbers that were deleted at the source are used up at the target, too. */
async function createNumbered(migration: Migration, version: ModelVersion): Promise<void> {
  const { target } = migration
  const { name, description, runLink } = version
  const source = mappedSource(migration, version.source)
  const runId = mappedRun(migration, version.runId)
  for (;;) {
    const created = await target.createModelVersion({
      name,
      source,
      ...(runId === undefined ? {} : { runId }),
      ...(runLink === undefined ? {} : { runLink }),
      ...(description === '' ? {} : { description }),
      tags: { [PLACEHOLDER_TAG]: 'true' },
    })
    if (created.version === version.version) {
      return await settle(migration, version)
    }
    await target.deleteModelVersion(created)
    if (created.version > version.version) throw taken(migration, version)
  }
}

/** It has the number that it was made for. */
async function settle({ target }: Migration, version: ModelVersion): Promise<void> {
  await target.updateModelVersion(version, { tags: { [ORIGIN_TAG]: originOf(version) } })
  await target.deleteModelVersionTag(version, PLACEHOLDER_TAG)
}

function originOf({ name, version }: ModelVersion): string {
  return `${name}/${version}`
}

export function mappedRun({ state }: Migration, runId: string | undefined): string | undefined {
  return runId === undefined ? undefined : state.progress.runs[runId]
}

/** The same place below the copy of the run or model. */
export function mappedSource({ state }: Migration, source: string): string {
  const { runs, models, experiments } = state.progress
  return source
    .replace(/^runs:\/([^/]+)/, (_, run) => `runs:/${runs[run] ?? run}`)
    .replace(/^models:\/(m-[0-9a-f]+)$/, (_, model) => `models:/${models[model] ?? model}`)
    .replace(
      /^mlflow-artifacts:\/([^/]+)\/models\/([^/]+)/,
      (_, experiment, model) =>
        `mlflow-artifacts:/${experiments[experiment] ?? experiment}/models/${models[model] ?? model}`,
    )
    .replace(
      /^mlflow-artifacts:\/([^/]+)\/([0-9a-f]{32})/,
      (_, experiment, run) =>
        `mlflow-artifacts:/${experiments[experiment] ?? experiment}/${runs[run] ?? run}`,
    )
}

function taken({ target }: Migration, { name, version }: ModelVersion): TickerflowError {
  const message = `${target.uri} has a registered model '${name}' of its own, and its version ${version} is not the one to be copied. Rename or delete the model there, or migrate to another server.`
  return new TickerflowError('ALREADY_EXISTS', message, { details: { name, version } })
}
