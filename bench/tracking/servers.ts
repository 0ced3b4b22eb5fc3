/** The two servers as processes: ours from the built package, MLflow's from an environment of its own. */
import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGE = join(ROOT, 'build/bench-tracking')
const ENVIRONMENT = join(ROOT, '.venv/bench-tracking')
const POLL_MS = 5
const PATIENCE_MS = 180_000
/** A server leads a group of processes of its own, where the system has such groups. */
const GROUPS = process.platform !== 'win32'
/** What installers and compilers print goes where progress goes. */
const TO_STDERR: { readonly stdio: StdioOptions } = { stdio: ['ignore', 2, 2] }

export interface Server {
  readonly uri: string
  /** From the start of the process to its first answer. */
  readonly startMs: number
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a server on a store of its own in this directory, which may be empty. */
export type StartServer = (directory: string) => Promise<Server>

/** Builds the package as it is published, outside of `dist/`. */
export function builtTickerflow(): StartServer {
  rmSync(PACKAGE, { recursive: true, force: true })
  mkdirSync(PACKAGE, { recursive: true })
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const build = [join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--outDir']
  execFileSync(process.execPath, [...build, join(PACKAGE, 'dist')], { cwd: ROOT, ...TO_STDERR })
  for (const part of ['bin', 'package.json']) {
    cpSync(join(ROOT, part), join(PACKAGE, part), { recursive: true })
  }
  const program = [process.execPath, join(PACKAGE, 'bin/tickerflow.js'), 'tracking', 'serve']
  return (directory) =>
    started(directory, (port) => [
      ...program,
      ...['--store', join(directory, 'store'), '--port', String(port)],
    ])
}

/** @param python Of an environment with MLflow; left out, one is made under `.venv/`. */
export function mlflowServer(python = pythonWithMlflow()): StartServer {
  return (directory) =>
    started(directory, (port) => [
      ...[python, '-m', 'mlflow', 'server', '--workers', '1'],
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`],
      ...['--artifacts-destination', join(directory, 'artifacts')],
    ])
}

function pythonWithMlflow(): string {
  const windows = process.platform === 'win32'
  const python = join(ENVIRONMENT, windows ? 'Scripts/python.exe' : 'bin/python')
  if (existsSync(python)) return python
  console.error(`Making a Python environment with MLflow in ${ENVIRONMENT}: some minutes, once`)
  execFileSync(windows ? 'python' : 'python3', ['-m', 'venv', ENVIRONMENT], TO_STDERR)
  const requirements = join(import.meta.dirname, 'requirements.txt')
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], TO_STDERR)
  return python
}

async function started(
  directory: string,
  commandOf: (port: number) => readonly string[],
): Promise<Server> {
  const port = await freePort()
  const [program = '', ...flags] = commandOf(port)
  const from = performance.now()
  const child = spawn(program, flags, {
    cwd: directory,
    stdio: 'ignore',
    detached: GROUPS,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
  })
  while (!(await isWell(port))) {
    if (child.exitCode !== null || performance.now() - from > PATIENCE_MS) {
      throw new Error(`This server did not start; try it alone: ${program} ${flags.join(' ')}`)
    }
    await sleep(POLL_MS)
  }
  return {
    uri: `http://127.0.0.1:${port}`,
    startMs: performance.now() - from,
    pid: child.pid ?? 0,
    stop: () => ended(child),
  }
}

/** Waits for the server, then ends what it started and left behind: that would disturb later rounds. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  if (!GROUPS || child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function isWell(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/health' }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    sent.on('error', () => resolve(false))
    sent.end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}
