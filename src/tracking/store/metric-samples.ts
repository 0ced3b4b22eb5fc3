/** Points of one metric over many runs, thinned out for charts. */

import { numberOf } from '../../sqlite/row.ts'
import { invalid } from '../tracking-rules.ts'
import type { MetricOfRun, MetricSampleQuery } from '../tracking-store.ts'
import { requireRun } from './active-run.ts'
import { metricsFor } from './metric-index.ts'
import { metricOf } from './metric-queries.ts'
import type { StoreContext } from './store-context.ts'

/** At most so many points of one run, however many share a step. */
const MOST_POINTS_PER_RUN = 25_000

export function sampleMetrics(
  context: StoreContext,
  query: MetricSampleQuery,
): readonly MetricOfRun[] {
  const { runIds, steps, stepsPerRun } = query
  if (!Number.isSafeInteger(stepsPerRun) || stepsPerRun < 1) {
    throw invalid(`${stepsPerRun} steps for each run were asked for; expected an integer from 1.`)
  }
  if (steps !== undefined && steps.first > steps.last) {
    throw invalid(`The first step, ${steps.first}, comes after the last, ${steps.last}.`)
  }
  for (const runId of runIds) requireRun(context, runId)
  const chosen = JSON.stringify(chosenSteps(context, query))
  return runIds.flatMap((runId) => pointsAt(context, { runId, key: query.key, steps: chosen }))
}

/** Evenly spread over the steps that exist, and the first and last step of every run. */
function chosenSteps(context: StoreContext, query: MetricSampleQuery): readonly number[] {
  const runs = JSON.stringify(query.runIds)
  const { first, last } = query.steps ?? { first: 0, last: Number.MAX_SAFE_INTEGER }
  const rows = context.connection
    .prepare(
      `SELECT DISTINCT step FROM ${metricsFor(context, query.runIds, query.key)} WHERE "key" = ? AND step BETWEEN ? AND ?
         AND run_uuid IN (SELECT value FROM json_each(?)) ORDER BY step`,
    )
    .all(query.key, first, last, runs)
  const steps = rows.map((row) => numberOf(row, 'step'))
  if (steps.length <= query.stepsPerRun) return steps
  const stride = steps.length / query.stepsPerRun
  const spread = Array.from(
    { length: query.stepsPerRun },
    (_, index) => steps[Math.floor(index * stride)] as number,
  )
  const ends = stepRanges(context, query).filter((step) => step >= first && step <= last)
  return [...new Set([...spread, steps.at(-1) as number, ...ends])]
}

function stepRanges(context: StoreContext, { runIds, key }: MetricSampleQuery): readonly number[] {
  const rows = context.connection
    .prepare(
      `SELECT min(step) AS first, max(step) AS last FROM ${metricsFor(context, runIds, key)}
       WHERE "key" = ? AND run_uuid IN (SELECT value FROM json_each(?)) GROUP BY run_uuid`,
    )
    .all(key, JSON.stringify(runIds))
  return rows.flatMap((row) => [numberOf(row, 'first'), numberOf(row, 'last')])
}

function pointsAt(
  context: StoreContext,
  choice: { readonly runId: string; readonly key: string; readonly steps: string },
): readonly MetricOfRun[] {
  const { runId, key, steps } = choice
  const rows = context.connection
    .prepare(
      `SELECT "key", value, timestamp, step, is_nan FROM ${metricsFor(context, [runId], key)}
       WHERE run_uuid = ? AND "key" = ? AND step IN (SELECT value FROM json_each(?))
       ORDER BY step, timestamp, value LIMIT ${MOST_POINTS_PER_RUN}`,
    )
    .all(runId, key, steps)
  return rows.map((row) => ({ runId, metric: metricOf(row) }))
}
