/** What a search of logged models can compare and order by. */
import type {
  LoggedModel,
  LoggedModelOrder,
  LoggedModelQuery,
  MetricDataset,
} from '../logged-model-store.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import { type FilterIdentifier, parseFilter } from '../search/filter-grammar.ts'
import type { Page } from '../tracking-store.ts'
import { experimentNumber } from './experiment-queries.ts'
import { loggedModelOf } from './logged-model-queries.ts'
import {
  conditionOf,
  fieldNamed,
  joined,
  LISTED_OPERATORS,
  NUMBER_OPERATORS,
  numberField,
  orderTermOf,
  type SearchField,
  type SqlPart,
  TEXT_OPERATORS,
  textField,
  unknownPrefix,
} from './search-sql.ts'
import type { StoreContext } from './store-context.ts'

const CREATED = numberField('logged_models.creation_timestamp_ms')
const UPDATED = numberField('logged_models.last_updated_timestamp_ms')

const ATTRIBUTES: Readonly<Record<string, SearchField>> = {
  name: textField('logged_models.name', LISTED_OPERATORS),
  model_id: textField('logged_models.model_id', LISTED_OPERATORS),
  model_type: textField('logged_models.model_type', LISTED_OPERATORS),
  source_run_id: textField('logged_models.source_run_id', LISTED_OPERATORS),
  status: textField(
    "CASE logged_models.status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' ELSE 'UPLOAD_FAILED' END",
    LISTED_OPERATORS,
  ),
  creation_timestamp: CREATED,
  creation_timestamp_ms: CREATED,
  creation_time: CREATED,
  last_updated_timestamp: UPDATED,
  last_updated_timestamp_ms: UPDATED,
  last_updated_time: UPDATED,
}

const DEFAULT_PAGE = 100
const NEWEST_METRIC = 'metric_timestamp_ms DESC, metric_step DESC, run_id'

export function searchLoggedModels(
  context: StoreContext,
  query: LoggedModelQuery,
): Page<LoggedModel> {
  const span = pageSpan(query, DEFAULT_PAGE)
  const where = joined(conditionsOf(query), ' AND ')
  const order = joined([...(query.orderBy ?? []).map(orderOf), NEWEST_FIRST], ', ')
  const rows = context.connection
    .prepareOnce(
      `SELECT logged_models.* FROM logged_models WHERE ${where.sql}
       ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    )
    .all(...where.values, ...order.values, span.limit + 1, span.offset)
  const page = pageOf(rows, span)
  return { ...page, items: page.items.map((row) => loggedModelOf(context, row)) }
}

const NEWEST_FIRST: SqlPart = {
  sql: 'logged_models.creation_timestamp_ms DESC, logged_models.model_id',
  values: [],
}

function conditionsOf(query: LoggedModelQuery): readonly SqlPart[] {
  const ids = JSON.stringify(query.experimentIds.map(experimentNumber))
  const datasets = query.datasets ?? []
  const comparisons = parseFilter(query.filter ?? '')
  const conditions = comparisons.map(
    conditionOf((identifier) => modelField(identifier, measuredOn(datasets))),
  )
  const measured = comparisons.some(({ prefix }) => prefix === 'metrics' || prefix === 'metric')
  return [
    {
      sql: `logged_models.lifecycle_stage <> 'deleted'
        AND logged_models.experiment_id IN (SELECT value FROM json_each(?))`,
      values: [ids],
    },
    ...conditions,
    ...(datasets.length > 0 && !measured ? [hasMetricOn(datasets)] : []),
  ]
}

function modelField({ prefix, key }: FilterIdentifier, dataset: SqlPart): SearchField {
  switch (prefix) {
    case undefined:
    case 'attribute':
    case 'attributes':
    case 'attr':
      return fieldNamed(ATTRIBUTES, key, 'attribute')
    case 'metric':
    case 'metrics':
      return metricField(key, dataset)
    case 'param':
    case 'params':
    case 'parameter':
    case 'parameters':
      return { ...textField('param_value', TEXT_OPERATORS), rows: rowsOf('param', key) }
    case 'tag':
    case 'tags':
      return { ...textField('tag_value', TEXT_OPERATORS), rows: rowsOf('tag', key) }
    default:
      throw unknownPrefix(prefix, ['attribute', 'metric', 'parameter', 'tag'])
  }
}

const ROWS = {
  param:
    'logged_model_params WHERE logged_model_params.model_id = logged_models.model_id AND param_key = ?',
  tag: 'logged_model_tags WHERE logged_model_tags.model_id = logged_models.model_id AND tag_key = ?',
} as const

function rowsOf(kind: keyof typeof ROWS, key: string): SqlPart {
  return { sql: ROWS[kind], values: [key] }
}

/** The newest value of the metric, on these data sets where there are any. */
function metricField(key: string, dataset: SqlPart): SearchField {
  const own = 'm.model_id = logged_models.model_id AND m.metric_name = ?'
  return {
    kind: 'number',
    operators: NUMBER_OPERATORS,
    value: 'metric_value',
    rows: {
      sql: `(SELECT m.metric_value FROM logged_model_metrics m
        WHERE ${own} AND ${dataset.sql} ORDER BY ${NEWEST_METRIC} LIMIT 1) WHERE 1`,
      values: [key, ...dataset.values],
    },
  }
}

function hasMetricOn(datasets: readonly MetricDataset[]): SqlPart {
  const dataset = measuredOn(datasets)
  return {
    sql: `EXISTS (SELECT 1 FROM logged_model_metrics m
      WHERE m.model_id = logged_models.model_id AND ${dataset.sql})`,
    values: dataset.values,
  }
}

function measuredOn(datasets: readonly Partial<MetricDataset>[]): SqlPart {
  if (datasets.length === 0) return { sql: '1', values: [] }
  const any = joined(
    datasets.map(({ name, digest }) => ({
      sql: '(m.dataset_name = coalesce(?, m.dataset_name) AND coalesce(?, m.dataset_digest) IS m.dataset_digest)',
      values: [name ?? null, digest ?? null],
    })),
    ' OR ',
  )
  return { sql: `(${any.sql})`, values: any.values }
}

function orderOf({ field, descending, dataset }: LoggedModelOrder): SqlPart {
  const metric = /^metrics?\.(.+)$/s.exec(field)?.[1]
  if (metric === undefined) {
    return orderTermOf(fieldNamed(ATTRIBUTES, field, 'order_by'), descending)
  }
  const restricted = dataset?.name !== undefined || dataset?.digest !== undefined
  return orderTermOf(metricField(metric, measuredOn(restricted ? [dataset] : [])), descending)
}
