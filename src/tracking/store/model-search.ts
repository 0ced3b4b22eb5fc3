/** What searches of registered models and of their versions can compare and order by. */
import type { FilterIdentifier } from '../search/filter-grammar.ts'
import type { ModelVersion, Page, RegisteredModel, SearchRequest } from '../tracking-store.ts'
import { modelOf } from './model-queries.ts'
import {
  ENTRY_OPERATORS,
  fieldNamed,
  LISTED_OPERATORS,
  numberField,
  type SearchField,
  type SqlPart,
  searchRows,
  textField,
  unknownPrefix,
} from './search-sql.ts'
import type { StoreContext } from './store-context.ts'
import { NOT_DELETED, versionOf } from './version-queries.ts'

const MODEL_ATTRIBUTES: Readonly<Record<string, SearchField>> = {
  name: textField('registered_models.name'),
  creation_timestamp: numberField('registered_models.creation_time'),
  last_updated_timestamp: numberField('registered_models.last_updated_time'),
  timestamp: numberField('registered_models.last_updated_time'),
}

const VERSION_ATTRIBUTES: Readonly<Record<string, SearchField>> = {
  name: textField('model_versions.name', LISTED_OPERATORS),
  version_number: numberField('model_versions.version'),
  run_id: textField('model_versions.run_id', LISTED_OPERATORS),
  source_path: textField('model_versions.source', LISTED_OPERATORS),
  creation_timestamp: numberField('model_versions.creation_time'),
  last_updated_timestamp: numberField('model_versions.last_updated_time'),
}

const MODEL_TAGS =
  'registered_model_tags WHERE registered_model_tags.name = registered_models.name AND registered_model_tags."key" = ?'
const VERSION_TAGS = `model_version_tags WHERE model_version_tags.name = model_versions.name
  AND model_version_tags.version = model_versions.version AND model_version_tags."key" = ?`

export function searchRegisteredModels(
  context: StoreContext,
  query: SearchRequest,
): Page<RegisteredModel> {
  const page = searchRows(context, {
    ...query,
    table: 'registered_models',
    resolve: (identifier) =>
      fieldOf(identifier, MODEL_ATTRIBUTES, (key) =>
        tagField('registered_model_tags', MODEL_TAGS, key),
      ),
    filter: query.filter,
    orderBy: query.orderBy,
    conditions: [],
    lastOrder: 'registered_models.name',
    defaultLimit: 100,
  })
  return { ...page, items: page.items.map((row) => modelOf(context, row)) }
}

export function searchModelVersions(
  context: StoreContext,
  query: SearchRequest,
): Page<ModelVersion> {
  const kept: SqlPart = { sql: NOT_DELETED, values: [] }
  const page = searchRows(context, {
    ...query,
    table: 'model_versions',
    resolve: (identifier) =>
      fieldOf(identifier, VERSION_ATTRIBUTES, (key) =>
        tagField('model_version_tags', VERSION_TAGS, key),
      ),
    filter: query.filter,
    orderBy: query.orderBy,
    conditions: [kept],
    lastOrder:
      'model_versions.last_updated_time DESC, model_versions.name, model_versions.version DESC',
    defaultLimit: 10_000,
  })
  return { ...page, items: page.items.map((row) => versionOf(context, row)) }
}

function fieldOf(
  { prefix, key }: FilterIdentifier,
  attributes: Readonly<Record<string, SearchField>>,
  tagOf: (key: string) => SearchField,
): SearchField {
  switch (prefix) {
    case undefined:
    case 'attribute':
    case 'attributes':
    case 'attr':
      return fieldNamed(attributes, key, 'attribute')
    case 'tag':
    case 'tags':
      return tagOf(key)
    default:
      throw unknownPrefix(prefix, ['attribute', 'tag'])
  }
}

/** Clients ask for what is no prompt of theirs, which most models have no tag to say. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt'

function tagField(
  table: 'registered_model_tags' | 'model_version_tags',
  rows: string,
  key: string,
): SearchField {
  if (key === PROMPT_TAG) {
    return {
      ...textField('is_prompt'),
      rows: {
        sql: `(SELECT coalesce((SELECT value FROM ${rows}), 'false') AS is_prompt) WHERE 1`,
        values: [key],
      },
    }
  }
  return {
    ...textField(`${table}.value`, ENTRY_OPERATORS),
    rows: { sql: rows, values: [key] },
  }
}
