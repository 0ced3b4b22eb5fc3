/** Searches and histories in the thread for reads: the same answers, and nobody has to wait for them. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createReadThread, type ReadThread } from '../../src/tracking/server/read-thread.ts'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

const API = '/api/2.0/mlflow'
const RUNS = 2000

type Server = ReturnType<typeof createTrackingServer>

let directory: string
let store: TrackingStore
let readThread: ReadThread
/** One with the thread, one that does everything itself. */
let aside: Server
let inline: Server
let runId: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-reads-'))
  store = openSqliteTrackingStore({
    directory,
    clock: () => 1_700_000_000_000,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  readThread = createReadThread(directory)
  const options = {
    store,
    artifacts: { artifactsDirectory: directory, tmpDirectory: directory },
    access: { host: '127.0.0.1' },
  }
  aside = createTrackingServer({ ...options, readThread })
  inline = createTrackingServer(options)
  runId = await filledStore()
})
afterAll(async () => {
  await readThread.close()
  await Promise.all([aside.close(), inline.close()])
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

/** @returns A run with a history. */
async function filledStore(): Promise<string> {
  const ids: string[] = []
  for (let index = 0; index < RUNS; index++) {
    const { id } = await store.createRun({ experimentId: '0', startTimeMs: index })
    await store.logBatch(id, {
      params: { lr: String(index % 7), ключ: 'a\0b"\\\u2028' },
      metrics: [{ key: 'loss', value: index % 5 ? index : Number.NaN, step: 1, timestampMs: 1 }],
    })
    ids.push(id)
  }
  const runId = ids[0] ?? ''
  const points = Array.from({ length: 3000 }, (_, n) => ({ key: 'm', value: n / 3 }))
  await store.logBatch(runId, {
    metrics: points.map((point, n) => ({ ...point, step: n, timestampMs: n })),
  })
  await store.createRegisteredModel({ name: 'net', tags: { team: 'a' } })
  await store.createModelVersion({ name: 'net', source: `runs:/${runId}/model`, runId })
  await store.createLoggedModel({ experimentId: '0', name: 'logged', sourceRunId: runId })
  return runId
}

const READS: [path: string, payload?: object][] = [
  ['/runs/search', { experiment_ids: ['0'], filter: "params.lr = '3'", max_results: 100 }],
  ['/runs/search', { experiment_ids: ['0'], order_by: ['metrics.loss DESC'], max_results: 50 }],
  ['/runs/search', { experiment_ids: ['0'], filter: 'metrics.loss >' }],
  ['/runs/search', { experiment_ids: ['0'], max_results: 0 }],
  ['/experiments/search', { max_results: 10 }],
  ['/experiments/search?max_results=10'],
  ['/experiments/search', {}],
  ['/registered-models/search'],
  ["/model-versions/search?filter=name='net'"],
  ['/model-versions/search?filter=colour'],
  ['/logged-models/search', { experiment_ids: ['0'] }],
  ['/metrics/get-history?metric_key=m&run_id=RUN&max_results=1000'],
  ['/metrics/get-history?metric_key=m&run_id=nobody'],
  ['/metrics/get-history?run_id=RUN'],
  ['/metrics/get-history-bulk-interval?metric_key=m&run_ids=RUN&max_results=20'],
]

it.each(READS.map(([path, payload]) => ({ path, payload })))(
  'answers $path $payload as without the thread',
  async ({ path, payload }) => {
    const url = `${API}${path.replace('RUN', runId)}`
    const request = payload === undefined ? { url } : { method: 'POST' as const, url, payload }
    const [one, other] = [await aside.inject(request), await inline.inject(request)]
    expect(one.statusCode).toBe(other.statusCode)
    expect(one.headers['content-type']).toBe(other.headers['content-type'])
    expect(one.body).toBe(other.body)
  },
)

it('lets writes pass a long search', async () => {
  const finished: string[] = []
  const search = aside
    .inject({
      method: 'POST',
      url: `${API}/runs/search`,
      payload: {
        experiment_ids: ['0'],
        max_results: 50_000,
        order_by: ['params.lr', 'metrics.loss'],
      },
    })
    .then((response) => {
      finished.push('search')
      return response.json().runs.length
    })
  const metric = { run_id: runId, key: 'passing', value: 1, timestamp: 1 }
  const write = await aside.inject({
    method: 'POST',
    url: `${API}/runs/log-metric`,
    payload: metric,
  })
  finished.push('write')
  expect(write.statusCode).toBe(200)
  expect(await search).toBe(RUNS)
  expect(finished).toEqual(['write', 'search'])
})

it('sees what was written just before', async () => {
  for (let step = 0; step < 20; step++) {
    const metric = { run_id: runId, key: 'fresh', value: step, timestamp: step, step }
    await aside.inject({ method: 'POST', url: `${API}/runs/log-metric`, payload: metric })
    const url = `${API}/metrics/get-history?run_id=${runId}&metric_key=fresh`
    expect((await aside.inject({ url })).json().metrics).toHaveLength(step + 1)
  }
})

it('fails the reads of a thread that ends, and starts another for the next', async () => {
  const search = { experiment_ids: ['0'], max_results: '2000' }
  const lost = expect(readThread.read('/runs/search', search)).rejects.toMatchObject({
    code: 'WORKER_FAILED',
  })
  await readThread.close()
  await lost
  const json = await readThread.read('/experiments/search', { max_results: 1 })
  expect(JSON.parse(Buffer.from(json).toString()).experiments).toHaveLength(1)
})
