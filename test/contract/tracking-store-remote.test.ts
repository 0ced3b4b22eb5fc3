/** The client of MLflow's REST API against the program's own server, over HTTP. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMlflowClient } from '../../src/tracking/client/mlflow-client.ts'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import { describeTrackingStore } from './tracking-store.contract.ts'

describeTrackingStore('the client of the embedded server', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tracking-client-'))
  let now = 1_700_000_000_000
  const store = openSqliteTrackingStore({
    directory,
    clock: () => now++,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  const server = createTrackingServer({
    store,
    artifacts: {
      artifactsDirectory: join(directory, 'artifacts'),
      tmpDirectory: join(directory, 'tmp'),
    },
    access: { host: '127.0.0.1' },
  })
  const uri = await server.listen({ host: '127.0.0.1', port: 0 })
  const open = () => createMlflowClient({ uri, fetch, clock: () => now++ })
  return {
    store: open(),
    openAgain: async () => open(),
    dispose: async () => {
      const closed = server.close()
      server.server.closeAllConnections()
      await closed
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
})
