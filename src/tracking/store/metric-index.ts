/**
 * Which of MLflow's two indexes finds the points of a metric: the one by run is slow where a run has
 * very many points of other metrics, the one by key where very many other runs have the metric.
 * SQLite cannot know without statistics, which would be a table that MLflow's file does not have.
 */
import { numberOf } from '../../sqlite/row.ts'
import type { StoreContext } from './store-context.ts'

const BY_RUN = 'metrics INDEXED BY index_metrics_run_uuid'
const BY_KEY = 'metrics INDEXED BY sqlite_autoindex_metrics_1'
/** Counted in a millisecond, and read in twenty. */
const FEW_POINTS = 25_000
const GROWTH = 4

const COUNT_BY_RUN = `SELECT count(*) AS points FROM (SELECT 1 FROM ${BY_RUN}
  WHERE run_uuid IN (SELECT value FROM json_each(?)) LIMIT ?)`
const COUNT_BY_KEY = `SELECT count(*) AS points FROM (SELECT 1 FROM ${BY_KEY}
  WHERE "key" = ? LIMIT ?)`

/** The table `metrics` for a FROM clause, with the index that has fewer points to look at. */
export function metricsFor(
  context: StoreContext,
  runIds: readonly string[],
  key: string,
): typeof BY_RUN | typeof BY_KEY {
  const counts = [
    [BY_RUN, COUNT_BY_RUN, JSON.stringify(runIds)],
    [BY_KEY, COUNT_BY_KEY, key],
  ] as const
  for (let limit = FEW_POINTS; ; limit *= GROWTH) {
    for (const [table, sql, value] of counts) {
      const row = context.connection.prepare(sql).get(value, limit)
      if (row === undefined || numberOf(row, 'points') < limit) return table
    }
  }
}
