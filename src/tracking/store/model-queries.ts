/** Registered models and their aliases in the embedded store. */
import { TickerflowError } from '../../errors.ts'
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  stringMapOf,
  textOf,
} from '../../sqlite/row.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import {
  assertAtMost,
  assertModelName,
  assertTagKeys,
  LIMITS,
  missing,
  truncated,
} from '../tracking-rules.ts'
import type {
  CreateRegisteredModelRequest,
  ModelUpdate,
  Page,
  PageRequest,
  RegisteredModel,
} from '../tracking-store.ts'
import type { StoreContext } from './store-context.ts'

const DEFAULT_PAGE = 1000

const UPSERT_TAG = `INSERT INTO registered_model_tags ("key", value, name) VALUES (?, ?, ?)
  ON CONFLICT ("key", name) DO UPDATE SET value = excluded.value`

export function createRegisteredModel(
  context: StoreContext,
  request: CreateRegisteredModelRequest,
): RegisteredModel {
  assertModelName(request.name)
  return context.connection.transaction(() => {
    const now = context.clock()
    const { changes } = context.connection
      .prepare(
        `INSERT INTO registered_models (name, creation_time, last_updated_time)
         VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
      )
      .run(request.name, now, now)
    if (changes === 0) throw nameTaken(request.name)
    writeDetails(context, request.name, request)
    return getRegisteredModel(context, request.name)
  })
}

export function getRegisteredModel(context: StoreContext, name: string): RegisteredModel {
  const row = context.connection.prepare('SELECT * FROM registered_models WHERE name = ?').get(name)
  if (row === undefined) throw missing(`Registered model '${name}'`)
  return modelOf(context, row)
}

export function listRegisteredModels(
  context: StoreContext,
  page: PageRequest,
): Page<RegisteredModel> {
  const span = pageSpan(page, DEFAULT_PAGE)
  const rows = context.connection
    .prepare('SELECT * FROM registered_models ORDER BY name LIMIT ? OFFSET ?')
    .all(span.limit + 1, span.offset)
  return pageOf(
    rows.map((row) => modelOf(context, row)),
    span,
  )
}

export function updateRegisteredModel(
  context: StoreContext,
  name: string,
  update: ModelUpdate,
): RegisteredModel {
  return context.connection.transaction(() => {
    getRegisteredModel(context, name)
    writeDetails(context, name, update)
    touchModel(context, name)
    return getRegisteredModel(context, name)
  })
}

export function touchModel(context: StoreContext, name: string): void {
  context.connection
    .prepare('UPDATE registered_models SET last_updated_time = ? WHERE name = ?')
    .run(context.clock(), name)
}

/** Version by alias. */
export function aliasesOf(
  context: StoreContext,
  name: string,
): readonly (readonly [alias: string, version: number])[] {
  return context.connection
    .prepare('SELECT alias, version FROM registered_model_aliases WHERE name = ? ORDER BY alias')
    .all(name)
    .map((row) => [textOf(row, 'alias'), numberOf(row, 'version')] as const)
}

export function nameTaken(name: string): TickerflowError {
  const message = `A registered model named '${name}' exists already; add a version to it, or choose another name.`
  return new TickerflowError('ALREADY_EXISTS', message, { details: { name } })
}

function writeDetails(context: StoreContext, name: string, update: ModelUpdate): void {
  if (update.description !== undefined) {
    assertAtMost('description', update.description, LIMITS.description)
    context.connection
      .prepare('UPDATE registered_models SET description = ? WHERE name = ?')
      .run(update.description, name)
  }
  assertTagKeys(update.tags ?? {})
  for (const [key, value] of Object.entries(update.tags ?? {})) {
    context.connection.prepare(UPSERT_TAG).run(key, truncated(value, LIMITS.modelTagValue), name)
  }
}

export function modelOf(context: StoreContext, row: Row): RegisteredModel {
  const name = textOf(row, 'name')
  const tags = context.connection
    .prepare('SELECT "key", value FROM registered_model_tags WHERE name = ? ORDER BY "key"')
    .all(name)
  return {
    name,
    description: optionalTextOf(row, 'description') ?? '',
    createdAtMs: optionalNumberOf(row, 'creation_time'),
    updatedAtMs: optionalNumberOf(row, 'last_updated_time'),
    tags: stringMapOf(tags),
    aliases: Object.fromEntries(aliasesOf(context, name)),
  }
}
