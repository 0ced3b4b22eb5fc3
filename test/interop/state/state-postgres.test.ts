/** The contract of the state, by PostgreSQL. */
import { afterAll, beforeAll } from 'vitest'
import { stateContract } from '../../contract/state/all.contract.ts'
import { type PostgresServer, postgresStates, startPostgresServer } from './postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgresServer(['fsync=off'])
})

afterAll(async () => await server?.end())

stateContract(postgresStates(() => server))
