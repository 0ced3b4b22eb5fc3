/** Copies a whole tracking store to a server, and verifies the copy. */
import type { Experiment, Run } from '../tracking-store.ts'
import { copyRegisteredModel } from './copy-registry.ts'
import { copyExperiment, copyModel, copyRun, linkModels } from './copy-runs.ts'
import { itemsOf, type Migration } from './migration-plan.ts'
import { Comparison, compareModel, compareRegistered, compareRun } from './verify-migration.ts'

export interface MigrationReport {
  /** How many things of each kind were compared. */
  readonly counts: Readonly<Record<string, number>>
  /** What is not the same at the target; empty when the copy is good. */
  readonly differences: readonly string[]
}

/**
 * Copies experiments, runs, logged models and the registry; what is there already stays. It may be
 * interrupted and started again at any point: nothing is copied twice.
 *
 * The server gives runs and logged models new ids; the tag `tickerflow.migratedFrom` has the old
 * one. Versions keep their numbers. Times of creation and deleted logged models are not copied:
 * MLflow's API has no place for them.
 *
 * @throws {TickerflowError} TRACKING_UNAVAILABLE and the like, ALREADY_EXISTS when the target has a
 *   model or a deleted experiment of the same name that is not a copy.
 */
export async function migrate(migration: Migration): Promise<MigrationReport> {
  const { source, onProgress } = migration
  const experiments = await experimentsOf(migration)
  for (const experiment of experiments) await copyExperiment(migration, experiment)
  const experimentIds = experiments.map(({ id }) => id)
  for await (const run of runsOf(migration, experimentIds)) await copyRun(migration, run)
  const models = () =>
    itemsOf((page) => source.searchLoggedModels({ experimentIds, limit: 100, ...page }))
  for await (const model of models()) await copyModel(migration, model)
  for await (const run of runsOf(migration, experimentIds)) {
    if (run.lifecycleStage === 'active') await linkModels(migration, run)
  }
  const registered = () => itemsOf((page) => source.listRegisteredModels(page))
  for await (const model of registered()) await copyRegisteredModel(migration, model)
  await deleteCopies(migration, experimentIds)
  onProgress('verifying')
  const seen = new Comparison()
  for await (const run of runsOf(migration, experimentIds)) await compareRun(migration, run, seen)
  for await (const model of models()) await compareModel(migration, model, seen)
  for await (const model of registered()) await compareRegistered(migration, model, seen)
  await compareExperiments(migration, seen)
  return seen
}

async function experimentsOf({ source }: Migration): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = []
  const all = itemsOf((page) => source.searchExperiments({ view: 'all', ...page }))
  for await (const experiment of all) experiments.unshift(experiment)
  return experiments
}

/** Parents before their children, as far as their times tell. */
function runsOf({ source }: Migration, experimentIds: readonly string[]): AsyncGenerator<Run> {
  return itemsOf((page) =>
    source.searchRuns({ experimentIds, view: 'all', order: 'oldest-first', limit: 200, ...page }),
  )
}

/** At the end: what is deleted takes nothing more. */
async function deleteCopies(migration: Migration, experimentIds: readonly string[]): Promise<void> {
  const { target, state } = migration
  for await (const run of runsOf(migration, experimentIds)) {
    const id = state.progress.runs[run.id]
    if (run.lifecycleStage === 'deleted' && id !== undefined) await target.deleteRun(id)
  }
  for (const { id, lifecycleStage } of await experimentsOf(migration)) {
    const copy = state.progress.experiments[id]
    if (lifecycleStage !== 'deleted' || copy === undefined) continue
    const { lifecycleStage: stage } = await target.getExperiment(copy)
    if (stage === 'active') await target.deleteExperiment(copy)
  }
}

async function compareExperiments(migration: Migration, seen: Comparison): Promise<void> {
  const { target, state } = migration
  for (const { id, name, tags, lifecycleStage } of await experimentsOf(migration)) {
    const copy = await target.getExperiment(state.progress.experiments[id] ?? '')
    const kept = Object.fromEntries(Object.keys(tags).map((key) => [key, copy.tags[key] ?? null]))
    seen.same(
      'experiments',
      `experiment ${id}`,
      { name, tags, lifecycleStage },
      { name: copy.name, tags: kept, lifecycleStage: copy.lifecycleStage },
    )
  }
}
