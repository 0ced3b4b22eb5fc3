import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
