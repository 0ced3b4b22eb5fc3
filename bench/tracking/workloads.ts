/** What is asked of a server: its contents, what is read back and compared, and what is timed. */
import type { HttpClient } from './http-client.ts'

const API = '/api/2.0/mlflow'
export const RUNS = 1000
export const HISTORY_POINTS = 20_000
const BATCH = 1000

/** A server that has been filled. */
export interface Filled {
  readonly client: HttpClient
  readonly experimentId: string
  /** The run with the long history, which is the one that is written to. */
  readonly runId: string
}

/** A thousand runs with params, metrics and tags, and a run with a history of 20,000 points. */
export async function fill(client: HttpClient): Promise<Filled> {
  const made = await client.post(`${API}/experiments/create`, { name: 'bench' })
  const experimentId: string = JSON.parse(made).experiment_id
  for (let index = 0; index < RUNS; index++) {
    const id = await newRun(client, experimentId, index)
    await client.post(`${API}/runs/log-batch`, { run_id: id, ...contentsOf(index) })
  }
  const other = await client.post(`${API}/experiments/create`, { name: 'long' })
  const runId = await newRun(client, JSON.parse(other).experiment_id, RUNS)
  for (let from = 0; from < HISTORY_POINTS; from += BATCH) {
    await client.post(`${API}/runs/log-batch`, {
      run_id: runId,
      metrics: points('history', from, BATCH),
    })
  }
  return { client, experimentId, runId }
}

async function newRun(client: HttpClient, experimentId: string, index: number): Promise<string> {
  const reply = await client.post(`${API}/runs/create`, {
    experiment_id: experimentId,
    run_name: `run-${index}`,
    start_time: 1_700_000_000_000 + index,
    user_id: 'bench',
    tags: [{ key: 'mlflow.source.name', value: 'bench' }],
  })
  return JSON.parse(reply).run.info.run_id
}

/** As a run of a training has them: about two kilobytes of JSON. */
function contentsOf(index: number) {
  const entries = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `${prefix}${n}`, value: String(index * n) }))
  const metrics = ['loss', 'crps', 'rmse', 'coverage80', 'coverage95'].map((key, n) => ({
    key,
    value: ((index * 7919 + n) % 1000) / 1000,
    timestamp: 1_700_000_000_000 + index,
    step: 1,
  }))
  return { metrics, params: entries('param', 12), tags: entries('tag', 4) }
}

function points(key: string, from: number, count: number) {
  return Array.from({ length: count }, (_, n) => ({
    key,
    value: (from + n) / 7,
    timestamp: 1_700_000_000_000 + from + n,
    step: from + n,
  }))
}

/** A request that only reads: its answer is compared before it is timed. */
export type Read = (filled: Filled) => Promise<string>

export const READS: Readonly<Record<string, Read>> = {
  searchAll: (filled) => search(filled, { max_results: RUNS }),
  searchPage: (filled) => search(filled, { max_results: 100 }),
  filterAndOrder: (filled) =>
    search(filled, {
      max_results: 50,
      filter: 'metrics.loss < 0.5',
      order_by: ['metrics.loss DESC'],
    }),
  history: ({ client, runId }) =>
    client.get(`${API}/metrics/get-history?run_id=${runId}&metric_key=history&max_results=25000`),
  getRun: ({ client, runId }) => client.get(`${API}/runs/get?run_id=${runId}`),
}

function search({ client, experimentId }: Filled, query: object): Promise<string> {
  return client.post(`${API}/runs/search`, { experiment_ids: [experimentId], ...query })
}

/** Something new is written by every call; `count` numbers the calls of this process. */
export type Write = (filled: Filled, count: number) => Promise<unknown>

export const WRITES: Readonly<Record<string, Write>> = {
  logBatchOf1000: ({ client, runId }, count) =>
    client.post(`${API}/runs/log-batch`, {
      run_id: runId,
      metrics: points('thousands', count * BATCH, BATCH),
    }),
  logBatchOf1: ({ client, runId }, count) =>
    client.post(`${API}/runs/log-batch`, { run_id: runId, metrics: points('ones', count, 1) }),
  logMetric: ({ client, runId }, count) =>
    client.post(`${API}/runs/log-metric`, { run_id: runId, ...points('single', count, 1)[0] }),
  createRun: ({ client }, count) => newRun(client, '0', count),
}

/** How many points of these the server gives back. */
export async function countOf({ client, runId }: Filled, key: string): Promise<number> {
  let [found, token] = [0, '']
  do {
    const query = new URLSearchParams({
      ...{ run_id: runId, metric_key: key, max_results: '25000' },
      ...(token === '' ? {} : { page_token: token }),
    })
    const reply = JSON.parse(await client.get(`${API}/metrics/get-history?${query}`))
    found += reply.metrics?.length ?? 0
    token = reply.next_page_token ?? ''
  } while (token !== '')
  return found
}
