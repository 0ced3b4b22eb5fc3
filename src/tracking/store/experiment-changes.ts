/** Renaming, deleting and tagging experiments in the embedded store. */
import { assertExperimentName, assertTagKeys, invalid, missing } from '../tracking-rules.ts'
import type { StringMap } from '../tracking-store.ts'
import {
  assertNameFree,
  experimentNumber,
  getExperiment,
  writeExperimentTags,
} from './experiment-queries.ts'
import type { StoreContext } from './store-context.ts'

export function renameExperiment(context: StoreContext, id: string, name: string): void {
  assertExperimentName(name)
  context.connection.transaction(() => {
    const { name: before } = requireActiveExperiment(context, id)
    if (name !== before) assertNameFree(context, name)
    context.connection
      .prepare('UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?')
      .run(name, context.clock(), experimentNumber(id))
  })
}

export function deleteExperiment(context: StoreContext, id: string): void {
  context.connection.transaction(() => {
    requireActiveExperiment(context, id)
    const now = context.clock()
    setLifecycle(context, id, { from: 'active', to: 'deleted', deletedAtMs: now })
  })
}

export function restoreExperiment(context: StoreContext, id: string): void {
  context.connection.transaction(() => {
    const { lifecycleStage } = getExperiment(context, id)
    if (lifecycleStage !== 'deleted') {
      throw missing(`Deleted experiment '${id}'`)
    }
    setLifecycle(context, id, { from: 'deleted', to: 'active', deletedAtMs: null })
  })
}

export function setExperimentTags(context: StoreContext, id: string, tags: StringMap): void {
  assertTagKeys(tags)
  context.connection.transaction(() => {
    requireActiveExperiment(context, id)
    writeExperimentTags(context, id, tags)
  })
}

export function deleteExperimentTag(context: StoreContext, id: string, key: string): void {
  context.connection.transaction(() => {
    requireActiveExperiment(context, id)
    const { changes } = context.connection
      .prepare('DELETE FROM experiment_tags WHERE experiment_id = ? AND "key" = ?')
      .run(experimentNumber(id), key)
    if (changes === 0) throw missing(`Tag '${key}' of experiment '${id}'`)
  })
}

function requireActiveExperiment(context: StoreContext, id: string) {
  const experiment = getExperiment(context, id)
  if (experiment.lifecycleStage === 'active') return experiment
  throw invalid(`Experiment '${experiment.name}' is deleted; restore it before changing it.`)
}

function setLifecycle(
  context: StoreContext,
  id: string,
  change: { readonly from: string; readonly to: string; readonly deletedAtMs: number | null },
): void {
  const number = experimentNumber(id)
  context.connection
    .prepare(
      'UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?',
    )
    .run(change.to, context.clock(), number)
  context.connection
    .prepare(
      `UPDATE runs SET lifecycle_stage = ?, deleted_time = ?
       WHERE experiment_id = ? AND lifecycle_stage = ?`,
    )
    .run(change.to, change.deletedAtMs, number, change.from)
}
