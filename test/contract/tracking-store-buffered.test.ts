/** The client whose writes go through a spool, against the program's own server, over HTTP. */
import { join } from 'node:path'
import { openBufferedStore } from '../../src/tracking/client/buffered-store.ts'
import { createMlflowClient } from '../../src/tracking/client/mlflow-client.ts'
import { describeTrackingStore } from './tracking-store.contract.ts'
import { startEmbeddedServer } from './tracking-store-server.ts'

describeTrackingStore('the buffered client of the embedded server', async () => {
  const server = await startEmbeddedServer()
  const { uri, clock } = server
  const spoolDirectory = join(server.directory, 'spool')
  const store = await openBufferedStore({ uri, fetch, clock, spoolDirectory })
  return {
    store,
    openAgain: async () => createMlflowClient({ uri, fetch, clock }),
    dispose: async () => {
      await store.close()
      await server.end()
    },
  }
})
