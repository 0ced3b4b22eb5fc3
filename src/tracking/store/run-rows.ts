/** Turns rows of the run tables into runs: five queries for any number of runs. */

import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import type {
  DatasetInput,
  LifecycleStage,
  Metric,
  Run,
  RunStatus,
  StringMap,
} from '../tracking-store.ts'
import { datasetInputsByRun } from './dataset-queries.ts'
import { metricOf } from './metric-queries.ts'
import { modelsByRun, type RunModels } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

export const RUN_STATUSES: readonly RunStatus[] = [
  'SCHEDULED',
  'RUNNING',
  'FINISHED',
  'FAILED',
  'KILLED',
]
const STAGES: readonly LifecycleStage[] = ['active', 'deleted']

const IN_IDS = 'run_uuid IN (SELECT value FROM json_each(?))'
const PARAMS = entriesSql('params')
const TAGS = entriesSql('tags')
const LATEST = `SELECT run_uuid, "key", value, timestamp, step, is_nan FROM latest_metrics
  WHERE ${IN_IDS} ORDER BY "key"`

/** One row for each run: a row for each entry would cost four times as much. */
function entriesSql(table: 'params' | 'tags'): string {
  return `SELECT ids.value AS run_uuid,
    (SELECT json_group_object("key", coalesce(CAST(value AS TEXT), '') ORDER BY "key")
     FROM ${table} WHERE run_uuid = ids.value) AS entries
    FROM json_each(?) AS ids`
}

/** The runs of these rows of `runs`, in the same order, with params, metrics, tags and inputs. */
export function runsOf(context: StoreContext, rows: readonly Row[]): readonly Run[] {
  const ids = JSON.stringify(rows.map((row) => textOf(row, 'run_uuid')))
  const parts: RunParts = {
    params: entriesByRun(context, PARAMS, ids),
    tags: entriesByRun(context, TAGS, ids),
    metrics: rowsByRun(context, LATEST, ids),
    inputs: datasetInputsByRun(context, ids),
    models: modelsByRun(context, ids),
  }
  return rows.map((row) => runOf(row, parts))
}

interface RunParts {
  readonly params: ReadonlyMap<string, StringMap>
  readonly tags: ReadonlyMap<string, StringMap>
  readonly metrics: ReadonlyMap<string, readonly Row[]>
  readonly inputs: ReadonlyMap<string, readonly DatasetInput[]>
  readonly models: ReadonlyMap<string, RunModels>
}

function entriesByRun(
  context: StoreContext,
  sql: string,
  ids: string,
): ReadonlyMap<string, StringMap> {
  const rows: readonly Row[] = context.connection.prepare(sql).all(ids)
  return new Map(
    rows.map((row) => [textOf(row, 'run_uuid'), JSON.parse(textOf(row, 'entries')) as StringMap]),
  )
}

function rowsByRun(
  context: StoreContext,
  sql: string,
  ids: string,
): ReadonlyMap<string, readonly Row[]> {
  const rows: readonly Row[] = context.connection.prepare(sql).all(ids)
  return Map.groupBy(rows, (row) => textOf(row, 'run_uuid'))
}

function runOf(row: Row, parts: RunParts): Run {
  const id = textOf(row, 'run_uuid')
  const metrics: readonly Metric[] = (parts.metrics.get(id) ?? []).map(metricOf)
  return {
    id,
    experimentId: String(numberOf(row, 'experiment_id')),
    name: optionalTextOf(row, 'name') ?? '',
    userId: optionalTextOf(row, 'user_id') ?? '',
    status: wordOf(row, 'status', RUN_STATUSES),
    lifecycleStage: wordOf(row, 'lifecycle_stage', STAGES),
    startTimeMs: optionalNumberOf(row, 'start_time'),
    endTimeMs: optionalNumberOf(row, 'end_time'),
    artifactUri: textOf(row, 'artifact_uri'),
    params: parts.params.get(id) ?? {},
    metrics,
    tags: parts.tags.get(id) ?? {},
    inputs: parts.inputs.get(id) ?? [],
    inputModelIds: parts.models.get(id)?.inputs ?? [],
    outputModels: parts.models.get(id)?.outputs ?? [],
  }
}
