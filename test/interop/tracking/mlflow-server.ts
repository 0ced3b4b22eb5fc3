/** MLflow's own server in a directory of its own, and a way to empty it between tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { PYTHON } from '../python-environment.ts'

const START_TIMEOUT_MS = 120_000

export interface MlflowServer {
  readonly uri: string
  /** Everything but the experiment `Default` is gone, as in a new database. */
  empty(): void
  /** As a power cut would. */
  kill(): Promise<void>
  /** On the same port, with the same database. */
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startMlflowServer(directory: string): Promise<MlflowServer> {
  const port = await freePort()
  const database = join(directory, 'mlflow.db')
  const uri = `http://127.0.0.1:${port}`
  let server: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    // The whole group: the server's workers are processes of their own.
    process.kill(-(server.pid ?? 0), signal)
    await ended
  }
  const start = async () => {
    server = spawn(
      PYTHON,
      [
        ...['-m', 'mlflow', 'server', '--workers', '1', '--host', '127.0.0.1'],
        ...['--port', String(port), '--backend-store-uri', `sqlite:///${database}`],
        ...['--artifacts-destination', join(directory, 'artifacts')],
      ],
      {
        cwd: directory,
        detached: true,
        env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
        stdio: 'ignore',
      },
    )
    await untilHealthy(uri, server)
  }
  await start()
  return {
    uri,
    start,
    empty: () => emptyDatabase(database),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

/** @throws {Error} When the process ends, or says nothing for two minutes. */
export async function untilHealthy(uri: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline && server.exitCode === null) {
    const reply = await fetch(`${uri}/health`).catch(() => undefined)
    if (reply?.ok) return
    await sleep(50)
  }
  throw new Error(`${server.spawnargs.join(' ')} did not answer at ${uri}`)
}

/** Starting a server takes it seconds, so that tests share one. */
function emptyDatabase(file: string): void {
  const database = new DatabaseSync(file, { timeout: 20_000 })
  database.exec('PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE')
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  for (const { name } of tables) {
    if (typeof name !== 'string' || /^(alembic_version|sqlite_.*|workspaces)$/.test(name)) continue
    const but = name === 'experiments' ? ' WHERE experiment_id <> 0' : ''
    database.exec(`DELETE FROM "${name}"${but}`)
  }
  database.exec("UPDATE experiments SET lifecycle_stage = 'active', name = 'Default'; COMMIT")
  database.close()
}
