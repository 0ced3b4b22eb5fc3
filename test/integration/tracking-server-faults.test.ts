/** What the server says, and what it keeps, when the process, the disk or the file fails. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import { startTrackingProcess, type TrackingProcess } from './tracking-process.ts'

const FILES = '/api/2.0/mlflow-artifacts/artifacts'

let directory: string
let store: string
const processes: TrackingProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-faults-'))
  store = join(directory, 'store')
})
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill()
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
})

async function start(options: { readonly fileLimitBytes?: number } = {}): Promise<TrackingProcess> {
  const started = await startTrackingProcess({ store, ...options })
  processes.push(started)
  return started
}

async function newRun(server: TrackingProcess): Promise<string> {
  return (await server.post('/runs/create', { experiment_id: '0' })).body.run.info.run_id
}

function batch(runId: string, from: number, count: number) {
  const metrics = Array.from({ length: count }, (_, n) => ({
    key: `a metric with a rather long name so that a disk is full soon ${'x'.repeat(100)}`,
    ...{ value: from + n, timestamp: from + n, step: from + n },
  }))
  return { run_id: runId, metrics }
}

/** The values of every point that the server has. */
async function valuesOf(server: TrackingProcess, runId: string): Promise<readonly number[]> {
  const key = encodeURIComponent(batch('', 0, 1).metrics[0]?.key ?? '')
  const reply = await server.get(`/metrics/get-history?run_id=${runId}&metric_key=${key}`)
  return (reply.metrics ?? []).map((metric: { readonly value: number }) => metric.value)
}

it('loses nothing that it acknowledged when it is killed', async () => {
  const server = await start()
  const runId = await newRun(server)
  const acknowledged: number[] = []
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let n = 0; ; n++) {
      const from = (writer * 1000 + n) * 10
      const { status } = await server.post('/runs/log-batch', batch(runId, from, 10))
      expect(status).toBe(200)
      for (let value = from; value < from + 10; value++) acknowledged.push(value)
      if (acknowledged.length > 500) await server.kill()
    }
  })
  await Promise.allSettled(writers)
  expect(acknowledged.length).toBeGreaterThan(500)
  const kept = new Set(await valuesOf(await start(), runId))
  for (const value of acknowledged) expect(kept).toContain(value)
  expect(kept.size % 10).toBe(0)
})

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  const fileLimitBytes = 4 * 1024 * 1024

  it('is said with 507; what was acknowledged stays, reads go on, and room heals it', async () => {
    const server = await start({ fileLimitBytes })
    const runId = await newRun(server)
    const acknowledged: number[] = []
    for (let from = 0; ; from += 500) {
      const { status, body } = await server.post('/runs/log-batch', batch(runId, from, 500))
      if (status !== 200) {
        expect([status, body.error_code]).toEqual([507, 'INTERNAL_ERROR'])
        expect(body.message).toMatch(/cannot be written.*free space/)
        break
      }
      for (let value = from; value < from + 500; value++) acknowledged.push(value)
    }
    expect(acknowledged.length).toBeGreaterThan(500)
    expect(await valuesOf(server, runId)).toEqual(acknowledged)
    await server.kill()
    const roomy = await start()
    expect(await valuesOf(roomy, runId)).toEqual(acknowledged)
    expect((await roomy.post('/runs/log-batch', batch(runId, 1_000_000, 10))).status).toBe(200)
  })

  it('keeps nothing of an artifact that does not fit', async () => {
    const server = await start({ fileLimitBytes })
    const put = (name: string, bytes: number) =>
      fetch(`${server.uri}${FILES}/0/${name}`, { method: 'PUT', body: Buffer.alloc(bytes, 1) })
    expect((await put('small', 1000)).status).toBe(200)
    const refused = await put('large', 2 * fileLimitBytes)
    expect([refused.status, (await refused.json()).error_code]).toEqual([507, 'INTERNAL_ERROR'])
    expect(await readdir(join(store, 'tmp'))).toEqual([])
    expect(await readdir(join(store, 'artifacts', '0'))).toEqual(['small'])
  })
})

describe('the database', () => {
  function openStore() {
    return openSqliteTrackingStore({
      directory: store,
      clock: () => 1,
      newId: () => randomUUID().replaceAll('-', ''),
      busyTimeoutMs: 50,
    })
  }

  function serverOf(tracking: ReturnType<typeof openStore>) {
    return createTrackingServer({
      store: tracking,
      artifacts: { artifactsDirectory: store, tmpDirectory: store },
      access: { host: '127.0.0.1' },
    })
  }

  const create = {
    method: 'POST' as const,
    url: '/api/2.0/mlflow/runs/create',
    payload: { experiment_id: '0' },
  }
  const search = {
    method: 'POST' as const,
    url: '/api/2.0/mlflow/runs/search',
    payload: { experiment_ids: ['0'] },
  }

  it('that another process keeps locked is said with 503, and can be read meanwhile', async () => {
    const tracking = openStore()
    const server = serverOf(tracking)
    const other = new DatabaseSync(join(store, 'mlflow.db'))
    other.exec('BEGIN IMMEDIATE')
    const refused = await server.inject(create)
    expect([refused.statusCode, refused.json().error_code]).toEqual([
      503,
      'TEMPORARILY_UNAVAILABLE',
    ])
    expect((await server.inject(search)).json()).toEqual({})
    other.exec('ROLLBACK')
    expect((await server.inject(create)).statusCode).toBe(200)
    other.close()
    await server.close()
    await tracking.close()
  })

  it('that is damaged is said with its name, and left as it is', async () => {
    const first = openStore()
    const { id } = await first.createRun({ experimentId: '0' })
    const tags = Array.from({ length: 100 }, (_, n) => [`tag ${n}`, 'x'.repeat(8000)] as const)
    await first.logBatch(id, { tags: Object.fromEntries(tags) })
    await first.close()
    const path = join(store, 'mlflow.db')
    const { size } = await stat(path)
    const file = await open(path, 'r+')
    const half = Math.ceil(size / 8192) * 4096
    await file.write(Buffer.alloc(size - half, 0x5a), 0, size - half, half)
    await file.close()
    const damaged = await readFile(path)
    const tracking = openStore()
    const server = serverOf(tracking)
    const reply = await server.inject(search)
    expect([reply.statusCode, reply.json().error_code]).toEqual([500, 'INTERNAL_ERROR'])
    expect(reply.json().message).toMatch(/mlflow\.db is damaged.*restore it from a backup/)
    await server.close()
    await tracking.close()
    expect((await readFile(path)).equals(damaged)).toBe(true)
  })
})
