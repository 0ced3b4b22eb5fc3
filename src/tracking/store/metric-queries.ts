/** Metric points in the embedded store: every point once, and the latest of each key beside them. */

import { numberOf, type Row, textOf } from '../../sqlite/row.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import { assertMetric } from '../tracking-rules.ts'
import type { Metric, Page, PageRequest } from '../tracking-store.ts'
import { requireRun } from './active-run.ts'
import { metricsFor } from './metric-index.ts'
import type { StoreContext } from './store-context.ts'

const DEFAULT_PAGE = 25_000

/** An exact repetition of a point is dropped silently. */
const INSERT_METRIC = `INSERT INTO metrics ("key", value, timestamp, run_uuid, step, is_nan)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

/** Latest is the maximum by (step, timestamp, value), where NaN counts as its stored 0. */
const UPSERT_LATEST = `INSERT INTO latest_metrics ("key", value, timestamp, run_uuid, step, is_nan)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT ("key", run_uuid) DO UPDATE SET
    value = excluded.value, timestamp = excluded.timestamp,
    step = excluded.step, is_nan = excluded.is_nan
  WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)`

export function insertMetrics(
  context: StoreContext,
  runId: string,
  metrics: readonly Metric[],
): void {
  const insert = context.connection.prepare(INSERT_METRIC)
  const upsert = context.connection.prepare(UPSERT_LATEST)
  const latest = new Map<string, StoredPoint>()
  for (const metric of metrics) {
    assertMetric(metric)
    const point = storedPoint(metric)
    const { key, value, timestampMs, step, isNan } = point
    insert.run(key, value, timestampMs, runId, step, isNan)
    const before = latest.get(key)
    if (before === undefined || isLater(point, before)) latest.set(key, point)
  }
  for (const { key, value, timestampMs, step, isNan } of latest.values()) {
    upsert.run(key, value, timestampMs, runId, step, isNan)
  }
}

interface StoredPoint extends Omit<Metric, 'value'> {
  readonly value: number
  readonly isNan: 0 | 1
}

function storedPoint(metric: Metric): StoredPoint {
  return { ...metric, ...storedValue(metric.value) }
}

function isLater(one: StoredPoint, other: StoredPoint): boolean {
  if (one.step !== other.step) return one.step > other.step
  if (one.timestampMs !== other.timestampMs) return one.timestampMs > other.timestampMs
  return one.value > other.value
}

export function getMetricHistory(
  context: StoreContext,
  runId: string,
  { key, ...page }: PageRequest & { readonly key: string },
): Page<Metric> {
  requireRun(context, runId)
  const span = pageSpan(page, DEFAULT_PAGE)
  const rows = context.connection
    .prepare(
      `SELECT "key", value, timestamp, step, is_nan FROM ${metricsFor(context, [runId], key)}
       WHERE run_uuid = ? AND "key" = ? ORDER BY timestamp, step, value LIMIT ? OFFSET ?`,
    )
    .all(runId, key, span.limit + 1, span.offset)
  return pageOf(rows.map(metricOf), span)
}

export function metricOf(row: Row): Metric {
  return {
    key: textOf(row, 'key'),
    value: numberOf(row, 'is_nan') === 1 ? Number.NaN : numberOf(row, 'value'),
    timestampMs: numberOf(row, 'timestamp'),
    step: numberOf(row, 'step'),
  }
}

/** SQLite would bind NaN as NULL, and MLflow's column has no infinities. */
export function storedValue(value: number): { readonly value: number; readonly isNan: 0 | 1 } {
  if (Number.isNaN(value)) return { value: 0, isNan: 1 }
  const bounded = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE)
  return { value: bounded, isNan: 0 }
}
