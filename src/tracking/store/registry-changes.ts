/** Renaming and deleting in the model registry of the embedded store. */
import { TickerflowError } from '../../errors.ts'
import { assertModelName, invalid } from '../tracking-rules.ts'
import type {
  ModelStage,
  ModelVersion,
  ModelVersionRef,
  RegisteredModel,
} from '../tracking-store.ts'
import { getRegisteredModel, nameTaken, touchModel } from './model-queries.ts'
import type { StoreContext } from './store-context.ts'
import { getModelVersion, MODEL_STAGES, NOT_DELETED, versionOf } from './version-queries.ts'

/** Versions, tags and aliases follow by the tables' own cascades. */
export function renameRegisteredModel(
  context: StoreContext,
  name: string,
  newName: string,
): RegisteredModel {
  assertModelName(newName)
  return context.connection.transaction(() => {
    getRegisteredModel(context, name)
    if (newName !== name && isTaken(context, newName)) throw nameTaken(newName)
    const now = context.clock()
    context.connection
      .prepare('UPDATE registered_models SET name = ?, last_updated_time = ? WHERE name = ?')
      .run(newName, now, name)
    context.connection
      .prepare('UPDATE model_versions SET last_updated_time = ? WHERE name = ?')
      .run(now, newName)
    return getRegisteredModel(context, newName)
  })
}

const DELETE_MODEL = [
  'DELETE FROM model_version_tags WHERE name = ?',
  'DELETE FROM model_versions WHERE name = ?',
  'DELETE FROM registered_model_tags WHERE name = ?',
  'DELETE FROM registered_model_aliases WHERE name = ?',
  'DELETE FROM registered_models WHERE name = ?',
] as const

export function deleteRegisteredModel(context: StoreContext, name: string): void {
  context.connection.transaction(() => {
    getRegisteredModel(context, name)
    for (const sql of DELETE_MODEL) context.connection.prepare(sql).run(name)
  })
}

export function deleteRegisteredModelTag(context: StoreContext, name: string, key: string): void {
  context.connection.transaction(() => {
    getRegisteredModel(context, name)
    context.connection
      .prepare('DELETE FROM registered_model_tags WHERE name = ? AND "key" = ?')
      .run(name, key)
  })
}

/** The row stays, emptied, so that the number stays taken: MLflow does the same. */
export function deleteModelVersion(context: StoreContext, ref: ModelVersionRef): void {
  context.connection.transaction(() => {
    getModelVersion(context, ref)
    context.connection
      .prepare('DELETE FROM registered_model_aliases WHERE name = ? AND version = ?')
      .run(ref.name, ref.version)
    context.connection
      .prepare('DELETE FROM model_version_tags WHERE name = ? AND version = ?')
      .run(ref.name, ref.version)
    context.connection
      .prepare(
        `UPDATE model_versions SET current_stage = 'Deleted_Internal', last_updated_time = ?,
           description = NULL, user_id = NULL, source = 'REDACTED-SOURCE-PATH',
           run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK', storage_location = NULL,
           status_message = NULL
         WHERE name = ? AND version = ?`,
      )
      .run(context.clock(), ref.name, ref.version)
    touchModel(context, ref.name)
  })
}

export function deleteModelVersionTag(
  context: StoreContext,
  ref: ModelVersionRef,
  key: string,
): void {
  context.connection.transaction(() => {
    getModelVersion(context, ref)
    context.connection
      .prepare('DELETE FROM model_version_tags WHERE name = ? AND version = ? AND "key" = ?')
      .run(ref.name, ref.version, key)
  })
}

export function latestModelVersions(
  context: StoreContext,
  name: string,
  stages: readonly ModelStage[] | undefined,
): readonly ModelVersion[] {
  getRegisteredModel(context, name)
  const unknown = stages?.find((stage) => !MODEL_STAGES.includes(stage))
  if (unknown !== undefined) {
    throw invalid(`'${unknown}' is no stage; the stages are ${MODEL_STAGES.join(', ')}.`)
  }
  return context.connection
    .prepare(
      `SELECT *, max(version) FROM model_versions WHERE name = ? AND ${NOT_DELETED}
         AND current_stage IN (SELECT value FROM json_each(?))
       GROUP BY current_stage ORDER BY version`,
    )
    .all(name, JSON.stringify(stages ?? MODEL_STAGES))
    .map((row) => versionOf(context, row))
}

function isTaken(context: StoreContext, name: string): boolean {
  try {
    getRegisteredModel(context, name)
    return true
  } catch (error) {
    if (error instanceof TickerflowError && error.code === 'NOT_FOUND') return false
    throw error
  }
}
