/** Metrics that runs log about logged models. */

import { optionalTextOf } from '../../sqlite/row.ts'
import type { Metric } from '../tracking-store.ts'
import { storedValue } from './metric-queries.ts'
import { requireModelRow } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

const INSERT = `INSERT INTO logged_model_metrics
  (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value, experiment_id, run_id,
   dataset_uuid, dataset_name, dataset_digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

/** Part of a transaction; metrics that name no model are passed over. */
export function insertModelMetrics(
  context: StoreContext,
  run: { readonly runId: string; readonly experimentId: number },
  metrics: readonly Metric[],
): void {
  const insert = context.connection.prepare(INSERT)
  for (const metric of metrics) {
    if (metric.modelId === undefined) continue
    requireModelRow(context, metric.modelId)
    const { modelId, key, timestampMs, step, datasetName = null, datasetDigest = null } = metric
    const { value } = storedValue(metric.value)
    const { runId, experimentId } = run
    const dataset = datasetId(context, metric, experimentId)
    insert.run(
      ...[modelId, key, timestampMs, step, value, experimentId, runId],
      ...[dataset ?? null, datasetName, datasetDigest],
    )
  }
}

function datasetId(
  context: StoreContext,
  { datasetName, datasetDigest }: Metric,
  experimentId: number,
): string | undefined {
  if (datasetName === undefined || datasetDigest === undefined) return undefined
  const row = context.connection
    .prepare(
      'SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?',
    )
    .get(experimentId, datasetName, datasetDigest)
  return row === undefined ? undefined : optionalTextOf(row, 'dataset_uuid')
}
