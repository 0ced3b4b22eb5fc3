/** A PostgreSQL server of the test's own: made, restarted, cut off, removed. */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STATE_SCHEMAS } from '../../../src/compose.ts'
import { openState, type State } from '../../../src/open-state.ts'
import { PostgresDatabase } from '../../../src/state/postgres/postgres-database.ts'
import type { OpenTestState } from '../../contract/state/test-state.ts'
import {
  asDatabaseUser,
  eventually,
  postgresProgram,
  runProgram,
  type StartedProgram,
  startProgram,
} from '../../team/processes.ts'

export interface PostgresServer {
  readonly port: number
  /** An address whose tables lie in a schema of their own, made now. */
  newState(): string
  psql(statement: string, database?: string): string
  /** Ends it as an operator does, connections and all. */
  stop(): Promise<void>
  start(): Promise<void>
  end(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** @param settings Of the server, such as `fsync=off`. */
export async function startPostgresServer(
  settings: readonly string[] = [],
): Promise<PostgresServer> {
  const work = mkdtempSync(join(tmpdir(), 'tickerflow-postgres-'))
  chmodSync(work, 0o755)
  const data = join(work, 'data')
  mkdirSync(data)
  if (process.getuid?.() === 0) runProgram(['chown', 'postgres', data])
  const init = [
    '--pgdata',
    data,
    '--username',
    'tickerflow',
    '--auth',
    'trust',
    '--encoding',
    'UTF8',
  ]
  runProgram(asDatabaseUser([postgresProgram('initdb'), ...init, '--locale', 'C.UTF-8']))
  const port = await freePort()
  const at = [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    data,
    ...settings.flatMap((setting) => ['-c', setting]),
  ]
  const connect = ['-h', '127.0.0.1', '-p', String(port), '-U', 'tickerflow']
  let program: StartedProgram | undefined

  const psql = (statement: string, database = 'postgres') =>
    runProgram([postgresProgram('psql'), ...connect, '-d', database, '-XAtqc', statement]).trim()
  const server: PostgresServer = {
    port,
    psql,
    newState() {
      const schema = `s${randomUUID().replaceAll('-', '')}`
      psql(`CREATE SCHEMA ${schema}`)
      return `postgres://tickerflow@127.0.0.1:${port}/postgres?options=-csearch_path%3D${schema}`
    },
    async start() {
      program = startProgram(asDatabaseUser([postgresProgram('postgres'), ...at]), { cwd: work })
      await eventually('PostgreSQL is ready', async () => {
        runProgram([postgresProgram('pg_isready'), ...connect, '-d', 'postgres'])
        return true
      })
    },
    async stop() {
      runProgram(asDatabaseUser([postgresProgram('pg_ctl'), 'stop', '-D', data, '-m', 'fast']))
      await program?.end()
      program = undefined
    },
    async end() {
      if (program !== undefined) await server.stop()
      rmSync(work, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  await server.start()
  return server
}

/** States on the server, each in a schema of its own. */
export function postgresStates(server: () => PostgresServer): OpenTestState {
  return async () => {
    const url = server().newState()
    const opened: State[] = []
    const open = async () => {
      const state = await openState({
        ...{ file: '', postgres: url, patienceMs: 2_000, schemas: STATE_SCHEMAS },
        machineClock: () => Date.now(),
      })
      opened.push(state)
      return state
    }
    return {
      ...(await open()),
      again: open,
      edit(...statements) {
        const other = new PostgresDatabase(url, { patienceMs: 2_000 })
        for (const text of ['SET session_replication_role = replica', ...statements]) {
          for (const statement of text.split(';')) other.prepare(statement).run()
        }
        other.close()
      },
      async end() {
        for (const state of opened) await state.close()
      },
    }
  }
}
