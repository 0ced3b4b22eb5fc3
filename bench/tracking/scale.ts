/**
 * How searches and histories grow with the store: the same requests of a small and of a large one.
 *
 *   node bench/tracking/scale.ts [--json] [--runs 10000] [--points 1000000]
 *
 * The small store has a tenth of the runs, and one history. The large one has one run with all the points,
 * in histories of 20,000; its other runs have that metric, too. Both are asked over HTTP.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import { median, report } from '../measure.ts'
import { createHttpClient } from './http-client.ts'
import { builtTickerflow } from './servers.ts'

const HISTORY = 20_000
const REPETITIONS = 9
const API = '/api/2.0/mlflow'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '10000' },
    points: { type: 'string', default: '1000000' },
  },
})
const start = builtTickerflow()
const small = await timesOf({ runs: Number(options.runs) / 10, points: HISTORY })
const large = await timesOf({ runs: Number(options.runs), points: Number(options.points) })
report(
  Object.fromEntries(
    Object.entries(large).map(([name, value]) => [
      name,
      `${figure(value)}, small ${figure(small[name] ?? Number.NaN)}, ${figure(value / (small[name] ?? Number.NaN))} times`,
    ]),
  ),
)

interface Size {
  readonly runs: number
  readonly points: number
}

/** Milliseconds of each request, and the server's largest resident megabytes where the system says. */
async function timesOf(size: Size): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-scale-'))
  const runId = await fill(join(directory, 'store'), size)
  const server = await start(directory)
  const client = createHttpClient(server.uri)
  const search = (query: object) =>
    client.post(`${API}/runs/search`, { experiment_ids: ['0'], max_results: 100, ...query })
  const log = (metrics: readonly object[]) =>
    client.post(`${API}/runs/log-batch`, { run_id: runId, metrics })
  let step = 0
  const point = () => ({ key: 'new', value: step, timestamp: step, step: step++ })
  const requests: Readonly<Record<string, () => Promise<string>>> = {
    searchPage: () => search({}),
    searchByMetric: () => search({ filter: 'metrics.loss < 0.5', order_by: ['metrics.loss DESC'] }),
    searchByParam: () => search({ filter: "params.param3 = '30'" }),
    searchByTag: () => search({ filter: "tags.tag1 LIKE '1%'", order_by: ['tags.tag1'] }),
    history: () =>
      client.get(`${API}/metrics/get-history?run_id=${runId}&metric_key=loss&max_results=25000`),
    historyForChart: () =>
      client.get(
        `${API}/metrics/get-history-bulk-interval?run_ids=${runId}&metric_key=loss&max_results=320`,
      ),
    getRun: () => client.get(`${API}/runs/get?run_id=${runId}`),
    logBatchOf1000: () => log(Array.from({ length: 1000 }, point)),
    logBatchOf1: () => log([point()]),
  }
  try {
    const times: Record<string, number> = {}
    for (const [name, request] of Object.entries(requests)) times[name] = await medianMs(request)
    return { ...times, residentMegabytes: residentMegabytes(server.pid) }
  } finally {
    client.close()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function medianMs(request: () => Promise<string>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n <= REPETITIONS; n++) {
    const from = performance.now()
    await request()
    if (n > 0) times.push(performance.now() - from)
  }
  return median(times)
}

/** @returns The run with the points. */
async function fill(directory: string, { runs, points }: Size): Promise<string> {
  let now = 1_700_000_000_000
  const newId = () => randomUUID().replaceAll('-', '')
  const store = openSqliteTrackingStore({ directory, clock: () => now++, newId })
  const entries = (prefix: string, count: number, index: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [prefix + n, String(index * n)]))
  for (let index = 0; index < runs; index++) {
    const { id } = await store.createRun({ experimentId: '0', tags: entries('tag', 4, index) })
    const metrics = ['loss', 'crps', 'rmse'].flatMap((key, n) =>
      Array.from({ length: 10 }, (_, step) => ({
        ...{ key, step, timestampMs: now },
        value: ((index * 7919 + n + step) % 1000) / 1000,
      })),
    )
    await store.logBatch(id, { metrics, params: entries('param', 12, index) })
  }
  const { id } = await store.createRun({ experimentId: '0' })
  const keys = Array.from({ length: points / HISTORY }, (_, n) => (n === 0 ? 'loss' : `loss${n}`))
  for (let from = 0; from < HISTORY; from += 1000) {
    for (const key of keys) {
      const metrics = Array.from({ length: 1000 }, (_, n) => ({
        ...{ key, value: (from + n) / 7, step: from + n, timestampMs: now + from + n },
      }))
      await store.logBatch(id, { metrics })
    }
  }
  await store.close()
  return id
}

function residentMegabytes(pid: number): number {
  try {
    const [, kilobytes] =
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)))
}
