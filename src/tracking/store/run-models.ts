/** The logged models that runs read and made. */

import { numberOf, type Row, textOf } from '../../sqlite/row.ts'
import { missing } from '../tracking-rules.ts'
import type { ModelOutput } from '../tracking-store.ts'
import { requireActiveRun } from './active-run.ts'
import type { StoreContext } from './store-context.ts'

const INSERT_LINK = `INSERT INTO inputs
  (input_uuid, source_type, source_id, destination_type, destination_id, step)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const LINKS_OF_RUNS = `SELECT source_id AS run_uuid, source_type, destination_id, step FROM inputs
  WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT')
    AND source_id IN (SELECT value FROM json_each(?))
  ORDER BY step, destination_id`

export interface RunModels {
  readonly inputs: readonly string[]
  readonly outputs: readonly ModelOutput[]
}

/** Part of a transaction that has looked at the run. */
export function linkInputModels(
  context: StoreContext,
  runId: string,
  modelIds: readonly string[],
): void {
  const insert = context.connection.prepare(INSERT_LINK)
  for (const modelId of modelIds) {
    requireModelRow(context, modelId)
    insert.run(context.newId(), 'RUN_INPUT', runId, 'MODEL_INPUT', modelId, 0)
  }
}

export function logOutputs(
  context: StoreContext,
  runId: string,
  models: readonly ModelOutput[],
): void {
  context.connection.transaction(() => {
    requireActiveRun(context, runId)
    const insert = context.connection.prepare(INSERT_LINK)
    for (const { modelId, step } of models) {
      requireModelRow(context, modelId)
      insert.run(context.newId(), 'RUN_OUTPUT', runId, 'MODEL_OUTPUT', modelId, step)
    }
  })
}

/** @param ids JSON array of run ids. */
export function modelsByRun(context: StoreContext, ids: string): ReadonlyMap<string, RunModels> {
  const rows: readonly Row[] = context.connection.prepare(LINKS_OF_RUNS).all(ids)
  const byRun = Map.groupBy(rows, (row) => textOf(row, 'run_uuid'))
  return new Map([...byRun].map(([runId, links]) => [runId, modelsOf(links)]))
}

/** @throws {TickerflowError} NOT_FOUND for an unknown or deleted model. */
export function requireModelRow(context: StoreContext, modelId: string): Row {
  const row = context.connection
    .prepare("SELECT * FROM logged_models WHERE model_id = ? AND lifecycle_stage <> 'deleted'")
    .get(modelId)
  if (row === undefined) throw missing(`Logged model '${modelId}'`)
  return row
}

function modelsOf(links: readonly Row[]): RunModels {
  const of = (type: string) => links.filter((link) => link.source_type === type)
  return {
    inputs: of('RUN_INPUT').map((link) => textOf(link, 'destination_id')),
    outputs: of('RUN_OUTPUT').map((link) => ({
      modelId: textOf(link, 'destination_id'),
      step: numberOf(link, 'step'),
    })),
  }
}
