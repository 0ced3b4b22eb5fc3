/** What a search of runs can compare and order by. */
import type { FilterIdentifier } from '../search/filter-grammar.ts'
import type { Page, Run, RunQuery, ViewType } from '../tracking-store.ts'
import { experimentNumber } from './experiment-queries.ts'
import { runsOf } from './run-rows.ts'
import {
  ENTRY_OPERATORS,
  fieldNamed,
  LISTED_OPERATORS,
  NUMBER_OPERATORS,
  numberField,
  type SearchField,
  type SqlPart,
  searchRows,
  textField,
  unknownPrefix,
} from './search-sql.ts'
import type { StoreContext } from './store-context.ts'

const START_TIME = numberField('runs.start_time')
const RUN_NAME = textField('runs.name', LISTED_OPERATORS)

const ATTRIBUTES: Readonly<Record<string, SearchField>> = {
  run_id: textField('runs.run_uuid', LISTED_OPERATORS),
  run_name: RUN_NAME,
  'run name': RUN_NAME,
  'Run name': RUN_NAME,
  'Run Name': RUN_NAME,
  status: textField('runs.status', LISTED_OPERATORS),
  user_id: textField('runs.user_id', LISTED_OPERATORS),
  artifact_uri: textField('runs.artifact_uri', LISTED_OPERATORS),
  start_time: START_TIME,
  created: START_TIME,
  Created: START_TIME,
  end_time: numberField('runs.end_time'),
}

const DATASET_LINKS = `inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id`
const OF_THIS_RUN = `inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN'
  AND inputs.destination_id = runs.run_uuid`
const DATASET_ROWS: SqlPart = { sql: `${DATASET_LINKS} WHERE ${OF_THIS_RUN}`, values: [] }
const CONTEXT_ROWS: SqlPart = {
  sql: `inputs JOIN input_tags ON input_tags.input_uuid = inputs.input_uuid
    WHERE ${OF_THIS_RUN} AND input_tags.name = 'mlflow.data.context'`,
  values: [],
}
const DATASET_FIELDS: Readonly<Record<string, SearchField>> = {
  name: { ...textField('datasets.name', LISTED_OPERATORS), rows: DATASET_ROWS },
  digest: { ...textField('datasets.digest', LISTED_OPERATORS), rows: DATASET_ROWS },
  context: { ...textField('input_tags.value', LISTED_OPERATORS), rows: CONTEXT_ROWS },
}

/** MLflow takes each of these spellings. */
const PREFIXES: Readonly<Record<string, 'attribute' | 'metric' | 'param' | 'tag' | 'dataset'>> = {
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  metric: 'metric',
  metrics: 'metric',
  parameter: 'param',
  parameters: 'param',
  param: 'param',
  params: 'param',
  tag: 'tag',
  tags: 'tag',
  dataset: 'dataset',
  datasets: 'dataset',
}

const DEFAULT_PAGE = 1000

/** @throws {TickerflowError} TRACKING_INVALID for a filter, order or page that cannot be read. */
export function searchRuns(context: StoreContext, query: RunQuery): Page<Run> {
  const page = searchRows(context, {
    ...query,
    table: 'runs',
    resolve: runField,
    filter: query.filter,
    orderBy: query.orderBy,
    conditions: conditionsOf(query),
    lastOrder: `runs.start_time ${query.order === 'oldest-first' ? 'ASC' : 'DESC'}, runs.run_uuid`,
    defaultLimit: DEFAULT_PAGE,
  })
  return { ...page, items: runsOf(context, page.items) }
}

function conditionsOf(query: RunQuery): readonly SqlPart[] {
  const ids = JSON.stringify(query.experimentIds.map(experimentNumber))
  const conditions: SqlPart[] = [
    { sql: 'runs.experiment_id IN (SELECT value FROM json_each(?))', values: [ids] },
    ...lifecycleIs(query.view, 'runs'),
  ]
  if (query.statuses === undefined) return conditions
  const statuses = JSON.stringify(query.statuses)
  return [
    ...conditions,
    { sql: 'runs.status IN (SELECT value FROM json_each(?))', values: [statuses] },
  ]
}

/** Active ones unless the view says otherwise. */
export function lifecycleIs(
  view: ViewType | undefined,
  table: 'runs' | 'experiments',
): readonly SqlPart[] {
  if (view === 'all') return []
  return [{ sql: `${table}.lifecycle_stage = ?`, values: [view ?? 'active'] }]
}

function runField({ prefix, key }: FilterIdentifier): SearchField {
  const spelling = prefix ?? 'attribute'
  const entity = Object.hasOwn(PREFIXES, spelling) ? PREFIXES[spelling] : undefined
  switch (entity) {
    case 'attribute':
      return fieldNamed(ATTRIBUTES, key, 'attribute')
    case 'dataset':
      return fieldNamed(DATASET_FIELDS, key, 'dataset')
    case 'metric':
      return metricField(key)
    case 'param':
      return entryField('params', key)
    case 'tag':
      return entryField('tags', key)
    case undefined:
      throw unknownPrefix(spelling, ['metric', 'parameter', 'tag', 'attribute', 'dataset'])
  }
}

function metricField(key: string): SearchField {
  return {
    kind: 'number',
    operators: NUMBER_OPERATORS,
    value: 'latest_metrics.value',
    isNan: 'latest_metrics.is_nan',
    rows: rowsOf('latest_metrics', key),
  }
}

function entryField(table: 'params' | 'tags', key: string): SearchField {
  return { ...textField(`${table}.value`, ENTRY_OPERATORS), rows: rowsOf(table, key) }
}

function rowsOf(table: 'latest_metrics' | 'params' | 'tags', key: string): SqlPart {
  return {
    sql: `${table} WHERE ${table}.run_uuid = runs.run_uuid AND ${table}."key" = ?`,
    values: [key],
  }
}
