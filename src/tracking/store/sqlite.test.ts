import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TrackingStore } from '../tracking-store.ts'
import { openSqliteTrackingStore } from './sqlite.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sqlite-store-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function open(): TrackingStore {
  return openSqliteTrackingStore({
    directory,
    clock: () => 1_700_000_000_000,
    newId: () => randomUUID().replaceAll('-', ''),
  })
}

describe('openSqliteTrackingStore', () => {
  it('refuses a file that a newer MLflow has migrated, and says what to do', async () => {
    await open().close()
    withDatabase((database) => database.exec("UPDATE alembic_version SET version_num = 'abc123'"))
    expect(open).toThrowError(/revision abc123.*mlflow server --backend-store-uri/)
    expect(open).toThrowError(expect.objectContaining({ code: 'STORE_FORMAT' }))
  })

  it('refuses a database of another program', () => {
    withDatabase((database) => database.exec('CREATE TABLE recipes (name TEXT)'))
    expect(open).toThrowError(expect.objectContaining({ code: 'STORE_FORMAT' }))
  })

  it('refuses a file that is no database', async () => {
    await writeFile(join(directory, 'mlflow.db'), 'just some text, long enough for a header')
    expect(open).toThrowError(expect.objectContaining({ code: 'STORE_DAMAGED' }))
  })

  it('says when the directory cannot be made', async () => {
    await writeFile(join(directory, 'file'), '')
    const options = { directory: join(directory, 'file'), clock: () => 0, newId: () => '' }
    expect(() => openSqliteTrackingStore(options)).toThrowError(
      expect.objectContaining({ code: 'STORE_UNWRITABLE' }),
    )
  })

  it('writes ahead to a log', async () => {
    const store = open()
    await store.createRun({ experimentId: '0' })
    const mode = withDatabase((database) => database.prepare('PRAGMA journal_mode').get())
    expect(mode).toEqual({ journal_mode: 'wal' })
    await store.close()
  })

  it('stores NaN as 0 with is_nan, and infinities as the largest doubles', async () => {
    const store = open()
    const { id } = await store.createRun({ experimentId: '0' })
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const metrics = values.map((value, step) => ({ key: 'm', value, step, timestampMs: 1 }))
    await store.logBatch(id, { metrics })
    const rows = withDatabase((database) =>
      database.prepare('SELECT value, is_nan FROM metrics ORDER BY step').all(),
    )
    expect(rows).toEqual([
      { value: 0, is_nan: 1 },
      { value: Number.MAX_VALUE, is_nan: 0 },
      { value: -Number.MAX_VALUE, is_nan: 0 },
    ])
    await store.close()
  })

  it('keeps artifacts under artifacts/<experiment>/<run>/artifacts', async () => {
    const store = open()
    const { id } = await store.createRun({ experimentId: '0' })
    await store.writeArtifact(id, 'model/a.txt', 'bytes')
    const file = join(directory, 'artifacts', '0', id, 'artifacts', 'model', 'a.txt')
    expect(await readFile(file, 'utf8')).toBe('bytes')
    await store.close()
  })

  it.skipIf(process.platform === 'win32')(
    'refuses an artifact path that a link leads out of the store',
    async () => {
      const store = open()
      const { id } = await store.createRun({ experimentId: '0' })
      const outside = join(directory, 'outside')
      await mkdir(outside)
      await writeFile(join(outside, 'secret'), 'secret')
      await store.writeArtifact(id, 'inside.txt', '')
      await symlink(outside, join(directory, 'artifacts', '0', id, 'artifacts', 'link'))
      const refused = { code: 'TRACKING_INVALID' }
      await expect(store.readArtifact(id, 'link/secret')).rejects.toMatchObject(refused)
      await expect(store.writeArtifact(id, 'link/new/x', 'x')).rejects.toMatchObject(refused)
      await expect(store.listArtifacts(id, 'link')).rejects.toMatchObject(refused)
      await store.close()
    },
  )

  it('does not read artifacts of a run that lie elsewhere', async () => {
    const store = open()
    const { id } = await store.createRun({ experimentId: '0' })
    withDatabase((database) => database.exec("UPDATE runs SET artifact_uri = 'file:///etc'"))
    await expect(store.readArtifact(id, 'passwd')).rejects.toMatchObject({
      code: 'TRACKING_INVALID',
      message: expect.stringContaining('file:///etc'),
    })
    await store.close()
  })
})

describe('several processes on one store', () => {
  it('open a new store at once, and every acknowledged write survives their sudden death', async () => {
    const acknowledged = await Promise.all([writerKilledAfter(8), writerKilledAfter(8)])
    const store = open()
    const { items } = await store.searchRuns({ experimentIds: ['0'] })
    const found = new Set(items.map((run) => run.id))
    for (const id of acknowledged.flat()) expect(found).toContain(id)
    for (const run of items.filter(({ id }) => acknowledged.flat().includes(id))) {
      expect(run.metrics).toHaveLength(1)
    }
    await store.close()
  })
})

/** Runs a process that says the id of every run it has logged, and kills it after so many. */
function writerKilledAfter(count: number): Promise<readonly string[]> {
  const store = JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)
  const script = `
    import { randomUUID } from 'node:crypto'
    import { openSqliteTrackingStore } from ${store}
    const store = openSqliteTrackingStore({
      directory: ${JSON.stringify(directory)},
      clock: () => 1,
      newId: () => randomUUID().replaceAll('-', ''),
    })
    for (;;) {
      const { id } = await store.createRun({ experimentId: '0' })
      await store.logBatch(id, { metrics: [{ key: 'm', value: 1, step: 1, timestampMs: 1 }] })
      await new Promise((resolve) => process.stdout.write(id + '\\n', resolve))
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
  return new Promise((resolve, reject) => {
    let output = ''
    let complaints = ''
    child.stderr.on('data', (chunk) => {
      complaints += chunk
    })
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (output.split('\n').length > count) child.kill('SIGKILL')
    })
    child.on('close', (code) => {
      if (code !== null && code !== 0) reject(new Error(complaints))
      else resolve(output.split('\n').slice(0, -1))
    })
  })
}

function withDatabase<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(directory, 'mlflow.db'))
  try {
    return work(database)
  } finally {
    database.close()
  }
}
