import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { metricsFor } from './metric-index.ts'
import { openSqliteTrackingStore } from './sqlite.ts'
import type { StoreContext } from './store-context.ts'

let directory: string
let context: StoreContext
/** Has 60,000 points of 12 metrics, `rare` and `shared` among them. */
let large: string
/** Each of 12 has 5,000 points of `shared`. */
let small: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metric-index-'))
  const newId = () => randomUUID().replaceAll('-', '')
  const store = openSqliteTrackingStore({ directory, clock: () => 1, newId })
  const log = async (runId: string, key: string) => {
    const metrics = Array.from({ length: 5000 }, (_, n) => ({
      ...{ key, value: 5000 - n, step: n, timestampMs: 1 + n },
    }))
    await store.logBatch(runId, { metrics })
  }
  large = (await store.createRun({ experimentId: '0' })).id
  for (let n = 0; n < 10; n++) await log(large, `other ${n}`)
  for (const key of ['rare', 'shared']) await log(large, key)
  for (let n = 0; n < 12; n++) {
    small = (await store.createRun({ experimentId: '0' })).id
    await log(small, 'shared')
  }
  await store.close()
  const connection = new SqliteConnection(join(directory, 'mlflow.db'))
  const places = { artifactsDirectory: directory, tmpDirectory: directory }
  context = { connection, clock: () => 1, newId, ...places }
})
afterAll(async () => {
  context.connection.close()
  await rm(directory, { recursive: true, force: true })
})

describe('metricsFor', () => {
  it('goes by run where many runs have the metric', () => {
    expect(metricsFor(context, [small], 'shared')).toMatch(/run_uuid/)
  })

  it('goes by key where the run has many other metrics', () => {
    expect(metricsFor(context, [large], 'rare')).toMatch(/autoindex/)
  })

  it('comes to an end where both are many', () => {
    expect(metricsFor(context, [large], 'shared')).toMatch(/run_uuid/)
  })

  it('gives the same points by either index', () => {
    const sql = (table: string) =>
      `SELECT * FROM ${table} WHERE run_uuid = ? AND "key" = ? ORDER BY timestamp, step, value`
    const points = (table: string, run: string) =>
      context.connection.prepareOnce(sql(table)).all(run, 'shared')
    for (const run of [small, large]) {
      const [one, other] = [[small], [large]].map((ids) =>
        points(metricsFor(context, ids, ids[0] === small ? 'shared' : 'rare'), run),
      )
      expect(one).toHaveLength(5000)
      expect(one).toEqual(other)
    }
  })
})
