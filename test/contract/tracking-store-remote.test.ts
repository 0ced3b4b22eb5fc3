/** The client of MLflow's REST API against the program's own server, over HTTP. */
import { createMlflowClient } from '../../src/tracking/client/mlflow-client.ts'
import { describeTrackingStore } from './tracking-store.contract.ts'
import { startEmbeddedServer } from './tracking-store-server.ts'

describeTrackingStore('the client of the embedded server', async () => {
  const server = await startEmbeddedServer()
  const open = () => createMlflowClient({ uri: server.uri, fetch, clock: server.clock })
  return { store: open(), openAgain: async () => open(), dispose: () => server.end() }
})
