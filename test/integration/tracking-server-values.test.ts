/** Values at the edges, over HTTP: they come back as they went in, or are refused before anything is written. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

const API = '/api/2.0/mlflow'

let directory: string
let store: TrackingStore
let server: ReturnType<typeof createTrackingServer>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-values-'))
  store = openSqliteTrackingStore({
    directory,
    clock: () => 1_700_000_000_000,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  server = createTrackingServer({
    store,
    artifacts: { artifactsDirectory: directory, tmpDirectory: directory },
    access: { host: '127.0.0.1' },
  })
})
afterAll(async () => {
  await server.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

async function post(path: string, payload: object) {
  const response = await server.inject({ method: 'POST', url: `${API}${path}`, payload })
  return { status: response.statusCode, body: response.json() }
}

async function newRun(): Promise<string> {
  return (await post('/runs/create', { experiment_id: '0' })).body.run.info.run_id
}

async function runOf(id: string) {
  return (await server.inject({ url: `${API}/runs/get?run_id=${id}` })).json().run
}

interface Entry {
  readonly key: string
  readonly value: string
}

const entries = fc.uniqueArray(
  fc.record({
    key: fc.oneof(
      fc.constantFrom('__proto__', 'constructor', '1', '0.5', 'ключ', '数', 'a b', 'x/y', '-'),
      fc.stringMatching(/^[\w.\- ]{1,40}$/).filter((key) => !/^\.{1,2}$/.test(key)),
    ),
    value: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\0', 'a\0b', '\u2028', '🙂', '"', '\\', "'; DROP TABLE runs; --"),
    ),
  }),
  { selector: ({ key }) => key, maxLength: 10 },
)

it('gives back params and tags of any text, one by one and in a search', async () => {
  await fc.assert(
    fc.asyncProperty(entries, entries, async (params, tags) => {
      const id = await newRun()
      expect(await post('/runs/log-batch', { run_id: id, params, tags })).toEqual({
        status: 200,
        body: {},
      })
      const { data } = await runOf(id)
      expect(sorted(data.params)).toEqual(sorted(params))
      const own = (data.tags as Entry[]).filter(({ key }) => key !== 'mlflow.runName')
      expect(sorted(own)).toEqual(sorted(tags))
      const filter = `run_id IN ('${id}')`
      const found = await post('/runs/search', { experiment_ids: ['0'], filter })
      expect(found.body.runs[0].data).toEqual(data)
    }),
    { numRuns: 60, seed: 4 },
  )
})

function sorted(list: readonly Entry[] = []): readonly Entry[] {
  return list.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

it('gives back every finite double bit by bit, at any step', async () => {
  const id = await newRun()
  const points = fc.uniqueArray(
    fc.tuple(
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    ),
    { selector: ([step]) => step, minLength: 1, maxLength: 50 },
  )
  let series = 0
  await fc.assert(
    fc.asyncProperty(points, async (all) => {
      const key = `series ${series++}`
      const metrics = all.map(([step, value]) => ({ key, value, step, timestamp: 1 }))
      expect((await post('/runs/log-batch', { run_id: id, metrics })).status).toBe(200)
      const url = `${API}/metrics/get-history?run_id=${id}&metric_key=${encodeURIComponent(key)}`
      const history = (await server.inject({ url })).json().metrics
      expect(history).toEqual(metrics.toSorted((a, b) => a.step - b.step))
      const latest = metrics.reduce((one, other) => (other.step > one.step ? other : one))
      const { data } = await runOf(id)
      expect(data.metrics).toContainEqual(latest)
    }),
    { numRuns: 40, seed: 5 },
  )
})

it('cuts values that are too long where MLflow does', async () => {
  const id = await newRun()
  const long = '数'.repeat(10_000)
  await post('/runs/log-parameter', { run_id: id, key: 'p', value: long })
  await post('/runs/set-tag', { run_id: id, key: 't', value: long })
  const { data } = await runOf(id)
  expect(data.params[0].value).toBe(long.slice(0, 6000))
  expect(data.tags.find(({ key }: Entry) => key === 't').value).toBe(long.slice(0, 8000))
})

it.each([
  { step: Number.MAX_SAFE_INTEGER + 1 },
  { step: '9223372036854775807' },
  { step: 0.5 },
  { timestamp: -1 },
  { timestamp: '1e3' },
  { value: 'much' },
  { value: [1] },
  { value: {} },
  { key: 'k'.repeat(251) },
  { key: '../k' },
  { key: 'a\0' },
])('refuses a batch with %j in it as a whole', async (wrong) => {
  const id = await newRun()
  const right = { key: 'm', value: 1, timestamp: 1, step: 1 }
  const metrics = [right, { ...right, step: 2, ...wrong }]
  const refused = await post('/runs/log-batch', { run_id: id, metrics })
  expect([refused.status, refused.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
  expect((await runOf(id)).data.metrics).toBeUndefined()
})
