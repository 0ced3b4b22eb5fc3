/** Runs of a remote tracking server, and what is logged to them. */

import { isTickerflowError } from '../../errors.ts'
import { metricOfRequest } from '../server/wire-request.ts'
import { invalid, RUN_NAME_TAG } from '../tracking-rules.ts'
import type { MetricOfRun, Run, RunStatus, TrackingStore } from '../tracking-store.ts'
import { assertBatch, callsOf, shortened } from './log-batches.ts'
import { type MlflowApi, nothing, pageFields } from './mlflow-api.ts'
import { metricOfRun, pageOfReply, runOf } from './reply-codec.ts'
import { batchBody, entriesOf, inputsBody, outputsBody, runSearchBody } from './request-codec.ts'

export type RunMethod =
  | Extract<keyof TrackingStore, `${string}Run${string}`>
  | 'logBatch'
  | 'getMetricHistory'
  | 'sampleMetrics'
  | 'logInputs'
  | 'logOutputs'

const UNFINISHED: readonly (RunStatus | undefined)[] = [undefined, 'RUNNING', 'SCHEDULED']
/** MLflow's bound of one question for samples. */
const MOST_RUNS_SAMPLED = 100

export function remoteRuns(api: MlflowApi, clock: () => number): Pick<TrackingStore, RunMethod> {
  const getRun = (id: string): Promise<Run> =>
    api.get('/runs/get', { run_id: id }, (reply) => runOf(reply.record('run')))
  return {
    getRun,
    async createRun({ experimentId, name, userId, startTimeMs, tags }) {
      const body = {
        experiment_id: experimentId,
        run_name: name,
        user_id: userId,
        start_time: startTimeMs ?? clock(),
        tags: entriesOf(tags),
      }
      return await api.create('/runs/create', body, (reply) => runOf(reply.record('run')))
    },
    async updateRun(id, { status, endTimeMs, name }) {
      const ends = !UNFINISHED.includes(status)
      const end_time = endTimeMs ?? (ends ? clock() : undefined)
      await api.post('/runs/update', { run_id: id, status, end_time, run_name: name }, nothing)
      return await getRun(id)
    },
    async searchRuns(query) {
      const { max_results } = pageFields(query, 1000)
      const none = query.experimentIds.length === 0 || query.statuses?.length === 0
      if (none) return { items: [] }
      return await api.post('/runs/search', { ...runSearchBody(query), max_results }, (reply) =>
        pageOfReply(reply, 'runs', runOf),
      )
    },
    deleteRun: (id) => api.post('/runs/delete', { run_id: id }, nothing),
    restoreRun: (id) => api.post('/runs/restore', { run_id: id }, nothing),
    async deleteRunTag(id, key) {
      if (key === RUN_NAME_TAG) {
        throw invalid(`The tag ${key} is the run's name and cannot be deleted.`)
      }
      await api.post('/runs/delete-tag', { run_id: id, key }, nothing)
    },
    async logBatch(runId, batch) {
      assertBatch(batch)
      for (const call of callsOf(shortened(batch))) {
        await api.post('/runs/log-batch', batchBody(runId, call), nothing)
      }
    },
    async getMetricHistory(runId, key, page = {}) {
      const query = { run_id: runId, metric_key: key, ...pageFields(page, 25_000) }
      const found = await api.get('/metrics/get-history', query, (reply) =>
        pageOfReply(reply, 'metrics', metricOfRequest),
      )
      // MLflow finds nothing where there is no run, too.
      if (found.items.length === 0) await getRun(runId)
      return found
    },
    async sampleMetrics({ runIds, key, steps, stepsPerRun }) {
      const points: MetricOfRun[] = []
      for (let at = 0; at < runIds.length; at += MOST_RUNS_SAMPLED) {
        const query = {
          run_ids: runIds.slice(at, at + MOST_RUNS_SAMPLED),
          metric_key: key,
          max_results: stepsPerRun,
          start_step: steps?.first,
          end_step: steps?.last,
        }
        const route = '/metrics/get-history-bulk-interval'
        const { items } = await api.get(route, query, (reply) =>
          pageOfReply(reply, 'metrics', metricOfRun),
        )
        points.push(...items)
      }
      return points
    },
    async logInputs(runId, inputs, modelIds = []) {
      // One by one: MLflow refuses the lot for one that is there already.
      const bodies = [
        ...(inputs.length > 0 ? [inputsBody(runId, inputs, [])] : []),
        ...modelIds.map((id) => inputsBody(runId, [], [id])),
      ]
      for (const body of bodies) {
        await unlessThere(() => api.post('/runs/log-inputs', body, nothing))
      }
    },
    async logOutputs(runId, models) {
      for (const model of models) {
        // MLflow takes models that do not exist.
        await api.get(`/logged-models/${encodeURIComponent(model.modelId)}`, {}, nothing)
        await unlessThere(() => api.post('/runs/outputs', outputsBody(runId, [model]), nothing))
      }
    },
  }
}

/** Logging the same again changes nothing. */
async function unlessThere(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'ALREADY_EXISTS') throw error
  }
}
