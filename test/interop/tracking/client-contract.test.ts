/** The program's client against MLflow's own server, held to the contract of every store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import { createMlflowClient } from '../../../src/tracking/client/mlflow-client.ts'
import { describeTrackingStore } from '../../contract/tracking-store.contract.ts'
import { type MlflowServer, startMlflowServer } from './mlflow-server.ts'

vi.setConfig({ testTimeout: 120_000 })

let directory: string
let server: MlflowServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mlflow-contract-'))
  server = await startMlflowServer(directory)
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
})

describeTrackingStore("the client of MLflow's own server", async () => {
  server.empty()
  let now = 1_700_000_000_000
  const open = () => createMlflowClient({ uri: server.uri, fetch, clock: () => now++ })
  return { store: open(), openAgain: async () => open(), dispose: async () => {} }
})
