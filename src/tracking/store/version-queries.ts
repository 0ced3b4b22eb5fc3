/** Versions of registered models in the embedded store. */

import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  stringMapOf,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import {
  assertAlias,
  assertAtMost,
  assertLength,
  assertTagKeys,
  LIMITS,
  missing,
  truncated,
} from '../tracking-rules.ts'
import type {
  CreateModelVersionRequest,
  ModelStage,
  ModelUpdate,
  ModelVersion,
  ModelVersionRef,
  Page,
  PageRequest,
} from '../tracking-store.ts'
import { requireRun } from './active-run.ts'
import { aliasesOf, getRegisteredModel, touchModel } from './model-queries.ts'
import { requireModelRow } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

const DEFAULT_PAGE = 1000
export const MODEL_STAGES: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived']
/** MLflow keeps the rows of deleted versions under this stage. */
export const NOT_DELETED = "current_stage <> 'Deleted_Internal'"

const INSERT_VERSION = `INSERT INTO model_versions
  (name, version, creation_time, last_updated_time, current_stage, source, run_id, status,
   storage_location, run_link, description)
  VALUES (?, ?, ?, ?, 'None', ?, ?, 'READY', ?, ?, '')`

const UPSERT_TAG = `INSERT INTO model_version_tags ("key", value, name, version) VALUES (?, ?, ?, ?)
  ON CONFLICT ("key", name, version) DO UPDATE SET value = excluded.value`

export function createModelVersion(
  context: StoreContext,
  request: CreateModelVersionRequest,
): ModelVersion {
  const { name, source, runLink } = request
  assertLength('source', source, LIMITS.source)
  return context.connection.transaction(() => {
    getRegisteredModel(context, name)
    const { storageLocation, runId } = originOf(context, request)
    const ref: ModelVersionRef = { name, version: nextVersion(context, name) }
    const now = context.clock()
    context.connection
      .prepare(INSERT_VERSION)
      .run(name, ref.version, now, now, source, runId ?? null, storageLocation, runLink ?? '')
    writeDetails(context, ref, request)
    touchModel(context, name)
    return getModelVersion(context, ref)
  })
}

export function getModelVersion(context: StoreContext, ref: ModelVersionRef): ModelVersion {
  const row = context.connection
    .prepare(`SELECT * FROM model_versions WHERE name = ? AND version = ? AND ${NOT_DELETED}`)
    .get(ref.name, ref.version)
  if (row === undefined) throw missing(`Version ${ref.version} of model '${ref.name}'`)
  return versionOf(context, row)
}

export function listModelVersions(
  context: StoreContext,
  name: string,
  page: PageRequest,
): Page<ModelVersion> {
  getRegisteredModel(context, name)
  const span = pageSpan(page, DEFAULT_PAGE)
  const rows = context.connection
    .prepare(
      `SELECT * FROM model_versions WHERE name = ? AND ${NOT_DELETED}
       ORDER BY version DESC LIMIT ? OFFSET ?`,
    )
    .all(name, span.limit + 1, span.offset)
  return pageOf(
    rows.map((row) => versionOf(context, row)),
    span,
  )
}

export function updateModelVersion(
  context: StoreContext,
  ref: ModelVersionRef,
  update: ModelUpdate,
): ModelVersion {
  return context.connection.transaction(() => {
    getModelVersion(context, ref)
    writeDetails(context, ref, update)
    touchVersion(context, ref)
    return getModelVersion(context, ref)
  })
}

export function setModelVersionStage(
  context: StoreContext,
  ref: ModelVersionRef,
  target: { readonly stage: ModelStage; readonly archiveExisting: boolean },
): ModelVersion {
  return context.connection.transaction(() => {
    getModelVersion(context, ref)
    if (target.archiveExisting) archiveOthers(context, ref, target.stage)
    context.connection
      .prepare('UPDATE model_versions SET current_stage = ? WHERE name = ? AND version = ?')
      .run(target.stage, ref.name, ref.version)
    touchVersion(context, ref)
    return getModelVersion(context, ref)
  })
}

export function setAlias(context: StoreContext, ref: ModelVersionRef, alias: string): void {
  assertAlias(alias)
  context.connection.transaction(() => {
    getModelVersion(context, ref)
    context.connection
      .prepare(
        `INSERT INTO registered_model_aliases (alias, version, name) VALUES (?, ?, ?)
         ON CONFLICT (name, alias) DO UPDATE SET version = excluded.version`,
      )
      .run(alias, ref.version, ref.name)
    touchModel(context, ref.name)
  })
}

export function getVersionByAlias(
  context: StoreContext,
  name: string,
  alias: string,
): ModelVersion | undefined {
  const aliases = new Map(aliasesOf(context, name))
  const version = aliases.get(alias)
  return version === undefined ? undefined : getModelVersion(context, { name, version })
}

export function deleteAlias(context: StoreContext, name: string, alias: string): void {
  context.connection.transaction(() => {
    getRegisteredModel(context, name)
    context.connection
      .prepare('DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?')
      .run(name, alias)
    touchModel(context, name)
  })
}

interface VersionOrigin {
  readonly storageLocation: string
  readonly runId: string | undefined
}

/** A source `models:/…` stands for the files of another version, or of a logged model. */
function originOf(context: StoreContext, request: CreateModelVersionRequest): VersionOrigin {
  const { source, runId } = request
  const version = /^models:\/([^/]+)\/(\d+)$/.exec(source)
  const model = /^models:\/(m-[0-9a-f]{32})$/.exec(source)
  if (version !== null) {
    const [, name = '', number] = version
    const original = getModelVersion(context, { name, version: Number(number) })
    return { storageLocation: original.storageLocation, runId: runId ?? original.runId }
  }
  if (model !== null) {
    const row = requireModelRow(context, model[1] ?? '')
    return {
      storageLocation: textOf(row, 'artifact_location'),
      runId: runId ?? optionalTextOf(row, 'source_run_id'),
    }
  }
  if (runId !== undefined) requireRun(context, runId)
  return { storageLocation: source, runId }
}

/** Numbers of deleted versions are not given out again. */
function nextVersion(context: StoreContext, name: string): number {
  const row = context.connection
    .prepare('SELECT coalesce(max(version), 0) + 1 AS version FROM model_versions WHERE name = ?')
    .get(name)
  return numberOf(row ?? {}, 'version')
}

function archiveOthers(context: StoreContext, ref: ModelVersionRef, stage: ModelStage): void {
  context.connection
    .prepare(
      `UPDATE model_versions SET current_stage = 'Archived', last_updated_time = ?
       WHERE name = ? AND version <> ? AND current_stage = ?`,
    )
    .run(context.clock(), ref.name, ref.version, stage)
}

function touchVersion(context: StoreContext, ref: ModelVersionRef): void {
  context.connection
    .prepare('UPDATE model_versions SET last_updated_time = ? WHERE name = ? AND version = ?')
    .run(context.clock(), ref.name, ref.version)
}

function writeDetails(context: StoreContext, ref: ModelVersionRef, update: ModelUpdate): void {
  if (update.description !== undefined) {
    assertAtMost('description', update.description, LIMITS.description)
    context.connection
      .prepare('UPDATE model_versions SET description = ? WHERE name = ? AND version = ?')
      .run(update.description, ref.name, ref.version)
  }
  assertTagKeys(update.tags ?? {})
  for (const [key, value] of Object.entries(update.tags ?? {})) {
    context.connection
      .prepare(UPSERT_TAG)
      .run(key, truncated(value, LIMITS.versionTagValue), ref.name, ref.version)
  }
}

export function versionOf(context: StoreContext, row: Row): ModelVersion {
  const name = textOf(row, 'name')
  const version = numberOf(row, 'version')
  const tags = context.connection
    .prepare(
      'SELECT "key", value FROM model_version_tags WHERE name = ? AND version = ? ORDER BY 1',
    )
    .all(name, version)
  const aliases = aliasesOf(context, name).filter(([, aliased]) => aliased === version)
  return {
    name,
    version,
    description: optionalTextOf(row, 'description') ?? '',
    createdAtMs: optionalNumberOf(row, 'creation_time'),
    updatedAtMs: optionalNumberOf(row, 'last_updated_time'),
    stage: wordOf(row, 'current_stage', MODEL_STAGES),
    source: textOf(row, 'source'),
    runId: optionalTextOf(row, 'run_id'),
    runLink: optionalTextOf(row, 'run_link') || undefined,
    userId: optionalTextOf(row, 'user_id'),
    storageLocation: optionalTextOf(row, 'storage_location') ?? textOf(row, 'source'),
    status: textOf(row, 'status'),
    tags: stringMapOf(tags),
    aliases: aliases.map(([alias]) => alias),
  }
}
