import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import { describeTrackingStore } from './tracking-store.contract.ts'

describeTrackingStore('the embedded tracking store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tracking-store-'))
  let now = 1_700_000_000_000
  const open = () =>
    openSqliteTrackingStore({
      directory,
      clock: () => now++,
      newId: () => randomUUID().replaceAll('-', ''),
    })
  const store = open()
  return {
    store,
    openAgain: async () => open(),
    dispose: async () => {
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
})

it('takes more in filters than MLflow does, and refuses what would stall it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tracking-store-'))
  const newId = () => randomUUID().replaceAll('-', '')
  const store = openSqliteTrackingStore({ directory, clock: () => 1_700_000_000_000, newId })
  const { id } = await store.createRun({ experimentId: '0', tags: { team: "o'k" } })
  const found = async (filter: string) =>
    (await store.searchRuns({ experimentIds: ['0'], filter })).items.map((run) => run.id)
  expect(await found("tags.team = 'o''k'")).toEqual([id])
  expect(await found("attributes.run_name NOT IN ('a', 'd')")).toEqual([id])
  expect(await found("run_name IN ('a', 'd')")).toEqual([])
  expect(await found("tags.team = '''; DROP TABLE runs; --'")).toEqual([])
  await expect(found(`tags.team LIKE '${'%x'.repeat(30_000)}'`)).rejects.toMatchObject({
    code: 'TRACKING_INVALID',
  })
  const model = await store.createLoggedModel({ experimentId: '0' })
  const pending = { experimentIds: ['0'], filter: "status = 'PENDING'" }
  expect((await store.searchLoggedModels(pending)).items).toEqual([model])
  await store.close()
  await rm(directory, { recursive: true, force: true })
})
