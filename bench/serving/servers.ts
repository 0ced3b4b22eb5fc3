/** The servers that are compared, each as one process with its request log on. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const FOLDER = import.meta.dirname
const MAIN = resolve(FOLDER, '../../src/cli/main.ts')
const ENVIRONMENT = resolve(FOLDER, '../../.venv/bench-serving')

export interface StartedServer {
  readonly uri: string
  readonly pid: number
  stop(): Promise<void>
}

export interface ServerPlace {
  readonly store: string
  readonly modelDirectory: string
  /** Where request logs go. */
  readonly directory: string
  readonly python: string
}

export type ServerName = 'tickerflow' | 'fastapi-torch' | 'fastapi-onnx'

export async function startServer(name: ServerName, place: ServerPlace): Promise<StartedServer> {
  const port = 18_080 + Math.floor(performance.now() % 1000)
  const file = join(place.directory, `${name}.log`)
  const log = openSync(file, 'w')
  const [program, ...flags] = commandOf(name, place, port)
  const child = spawn(program as string, flags, {
    cwd: FOLDER,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      MODEL_DIRECTORY: place.modelDirectory,
      BACKEND: name === 'fastapi-onnx' ? 'onnx' : 'torch',
    },
  })
  const uri = `http://127.0.0.1:${port}`
  await listening(uri, { child, name, log: file })
  return { uri, pid: child.pid as number, stop: () => ended(child) }
}

function commandOf(name: ServerName, { store, python }: ServerPlace, port: number): string[] {
  if (name === 'tickerflow') {
    const limit = ['--rate-limit', '1000000000']
    return [process.execPath, MAIN, 'serve', '--store', store, '--port', String(port), ...limit]
  }
  const loop = ['--loop', 'uvloop', '--http', 'httptools', '--workers', '1']
  return [python, '-m', 'uvicorn', 'fastapi_server:app', '--port', String(port), ...loop]
}

async function listening(
  uri: string,
  { child, name, log }: { child: ChildProcess; name: string; log: string },
): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null) {
      throw new Error(`${name} ended with ${child.exitCode}: ${readFileSync(log, 'utf8')}`)
    }
    const reply = await fetch(`${uri}/openapi.json`).catch(() => undefined)
    // A moment to settle: what starting cost would count as pressure, or as latency.
    if (reply?.ok === true) return await sleep(3_000)
    await sleep(100)
  }
  throw new Error(`${name} does not listen`)
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

/** An environment of its own under .venv/, made when it is missing; `--python` names another. */
export function benchPython(): string {
  const given = process.argv.find((flag) => flag.startsWith('--python='))
  if (given !== undefined) return given.slice('--python='.length)
  const python = join(ENVIRONMENT, 'bin', 'python')
  if (existsSync(python)) return python
  console.error('Making a Python environment for the peers; once, a few minutes …')
  execFileSync('python3', ['-m', 'venv', ENVIRONMENT], { stdio: 'inherit' })
  const requirements = join(FOLDER, 'requirements.txt')
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
    stdio: 'inherit',
  })
  return python
}

/** A store with an LSTM in Production, trained on the sample as `tickerflow run` does it. */
export function trainedStore(directory: string): { store: string; modelDirectory: string } {
  const store = join(directory, 'store')
  console.error('Training the model that all servers answer from …')
  const { version, report } = trainInto(store, ['--from', '2010-01-01'])
  if (version.environment !== 'production') throw new Error('The version was not promoted')
  return { store, modelDirectory: join(report, '..', 'model') }
}

/** Version 1 in Production, and another that can take its place. */
export function storeOfTwoVersions(directory: string): { store: string; modelDirectory: string } {
  const place = trainedStore(directory)
  console.error('Training a second version …')
  trainInto(place.store, ['--from', '2012-01-01', '--seeds', '1', '--seed', '8'])
  return place
}

interface Trained {
  readonly version: { readonly environment: string }
  readonly report: string
}

function trainInto(store: string, flags: readonly string[]): Trained {
  const always = ['--store', store, '--json', '--models', 'naive,ewma,har,lstm']
  const text = execFileSync(process.execPath, [MAIN, 'run', ...always, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(text) as Trained
}
