/** Deleting and restoring runs, and their tags, in the embedded store. */
import { invalid, missing, RUN_NAME_TAG } from '../tracking-rules.ts'
import { requireActiveRun, requireRun } from './active-run.ts'
import type { StoreContext } from './store-context.ts'

export function deleteRun(context: StoreContext, id: string): void {
  setLifecycle(context, id, { stage: 'deleted', deletedAtMs: context.clock() })
}

export function restoreRun(context: StoreContext, id: string): void {
  setLifecycle(context, id, { stage: 'active', deletedAtMs: null })
}

export function deleteRunTag(context: StoreContext, id: string, key: string): void {
  if (key === RUN_NAME_TAG) throw invalid(`The tag ${key} is the run's name and cannot be deleted.`)
  context.connection.transaction(() => {
    requireActiveRun(context, id)
    const { changes } = context.connection
      .prepare('DELETE FROM tags WHERE run_uuid = ? AND "key" = ?')
      .run(id, key)
    if (changes === 0) throw missing(`Tag '${key}' of run '${id}'`)
  })
}

function setLifecycle(
  context: StoreContext,
  id: string,
  change: { readonly stage: 'active' | 'deleted'; readonly deletedAtMs: number | null },
): void {
  context.connection.transaction(() => {
    requireRun(context, id)
    context.connection
      .prepare('UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?')
      .run(change.stage, change.deletedAtMs, id)
  })
}
