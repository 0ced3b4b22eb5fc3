/**
 * What a client asked our server, asked again of both servers: the answers have to be the same. And
 * MLflow's server opens our file: nothing may be missing.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteTrackingStore } from '../../../src/tracking/store/sqlite.ts'
import { PYTHON } from '../python-environment.ts'
import { everythingOf, tablesOf } from './everything.ts'
import { freePort, type MlflowServer, startMlflowServer, untilHealthy } from './mlflow-server.ts'
import { type RecordedRequest, startRecordingProxy } from './recorded-request.ts'
import { type Answer, replay } from './replay.ts'
import { FIELD_DIFFERENCES, REPLY_DIFFERENCES, withoutFields } from './replay-differences.ts'
import { sendWireEdges } from './wire-edges.ts'

const CLIENT = join(import.meta.dirname, 'mlflow-client.py')
const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')
const PATIENCE_MS = 600_000

/** MLflow's job runner has nothing to do here, and takes as long to start as the server. */
process.env.MLFLOW_SERVER_ENABLE_JOB_EXECUTION = 'false'

let directory: string
let recorded: readonly RecordedRequest[]
let ours: readonly Answer[]
let theirs: readonly Answer[]
let before: { readonly rest: unknown; readonly tables: ReturnType<typeof tablesOf> }
const stops: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mlflow-replay-'))
  const store = join(directory, 'recorded')
  const embedded = await startEmbedded(store)
  const proxy = await startRecordingProxy(embedded.uri)
  await promisify(execFile)(PYTHON, [CLIENT, proxy.uri, join(directory, 'answers.json')], {
    cwd: directory,
  })
  await sendWireEdges(proxy.uri)
  recorded = proxy.recorded
  await proxy.close()
  const rest = await everythingOf(embedded.uri)
  await embedded.stop()
  before = { rest, tables: tablesOf(join(store, 'mlflow.db')) }
  const [fresh, original] = await Promise.all([
    startEmbedded(join(directory, 'ours')),
    startOriginal(await mkdtemp(join(directory, 'theirs-'))),
  ])
  ;[ours, theirs] = await Promise.all([replay(fresh.uri, recorded), replay(original.uri, recorded)])
}, PATIENCE_MS)
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()))
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
})

async function startEmbedded(store: string) {
  const port = await freePort()
  const flags = ['tracking', 'serve', '--store', store, '--port', String(port)]
  const server = spawn(process.execPath, [MAIN, ...flags], { stdio: 'ignore' })
  const stop = () => ended(server)
  stops.push(stop)
  const uri = `http://127.0.0.1:${port}`
  await untilHealthy(uri, server)
  return { uri, stop }
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGTERM')
  await exit
}

async function startOriginal(place: string): Promise<MlflowServer> {
  const server = await startMlflowServer(place)
  stops.push(server.stop)
  return server
}

test('hundreds of requests are replayed', () => {
  expect(recorded.length).toBeGreaterThan(300)
  expect([ours.length, theirs.length]).toEqual([recorded.length, recorded.length])
})

test('both answer every request the same, but for the differences that are listed', () => {
  const unlisted = differing().filter(({ request, one, other }) => {
    if (isDeepStrictEqual(withoutFields(one), withoutFields(other))) return false
    return !REPLY_DIFFERENCES.some(({ applies }) => applies(request, one, other))
  })
  const found = unlisted.map(({ request: { method, path, body }, one, other }) => ({
    asked: `${method} ${path} ${body.toString().slice(0, 200)}`,
    ...{ one, other },
  }))
  expect(found).toEqual([])
})

test.each(REPLY_DIFFERENCES)('this is a difference: $why', ({ applies }) => {
  expect(differing().filter(({ request, one, other }) => applies(request, one, other))).not.toEqual(
    [],
  )
})

test.each(FIELD_DIFFERENCES)('this is a difference in $field: $why', ({ field }) => {
  const texts = differing().map(({ one, other }) => JSON.stringify([one, other]))
  expect(texts.filter((text) => text.includes(`"${field}":`))).not.toEqual([])
})

function differing() {
  return recorded.flatMap((request, index) => {
    const [one, other] = [ours[index] as Answer, theirs[index] as Answer]
    return isDeepStrictEqual(one, other) ? [] : [{ request, one, other }]
  })
}

test(
  "MLflow's server opens our file with everything in it, and then it is no longer ours",
  async () => {
    const store = join(directory, 'recorded')
    const server = await startOriginal(store)
    const after = await everythingOf(server.uri)
    expect(withoutFields(after)).toEqual(withoutFields(before.rest))
    await server.stop()
    const columns = [...before.tables].map(
      ([table, rows]) => [table, Object.keys(rows[0] ?? {})] as const,
    )
    const filled = new Map(columns.filter(([, names]) => names.length > 0))
    const tables = tablesOf(join(store, 'mlflow.db'), filled)
    for (const table of filled.keys()) {
      expect([table, tables.get(table)]).toEqual([table, before.tables.get(table)])
    }
    expect([...filled.keys()]).toEqual(expect.arrayContaining(['metrics', 'datasets', 'inputs']))
    expect(() =>
      openSqliteTrackingStore({ directory: store, clock: () => 1, newId: () => '' }),
    ).toThrowError(expect.objectContaining({ code: 'STORE_FORMAT' }))
  },
  PATIENCE_MS,
)
