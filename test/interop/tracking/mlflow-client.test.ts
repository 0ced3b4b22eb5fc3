/** Python's own MLflow client against our server and MLflow's: the answers have to be the same. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PYTHON } from '../python-environment.ts'

const CLIENT = join(import.meta.dirname, 'mlflow-client.py')
const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')
const ENVIRONMENT = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' }
const START_TIMEOUT_MS = 120_000
/** MLflow's server flushes every write to the disk, and may take minutes on a busy one. */
const PATIENCE_MS = 600_000

type Answers = Readonly<Record<string, unknown>>

/** What differs, and why; nothing else may. */
const DIFFERENCES: Answers = {
  /** MLflow leaves the size of an empty file out; 0 is a size. */
  'artifacts below': [
    ['files/big.bin', false, 5_120_000],
    ['files/empty.txt', false, 0],
  ],
}

let directory: string
let ours: Answers
let theirs: Answers
const servers: ChildProcess[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mlflow-client-'))
  const embedded = await started([process.execPath, MAIN, 'tracking', 'serve'], (port) => [
    ...['--store', join(directory, 'store'), '--port', String(port)],
  ])
  const original = await started([PYTHON, '-m', 'mlflow', 'server'], (port) => [
    ...['--workers', '1', '--host', '127.0.0.1', '--port', String(port)],
    ...['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`],
    ...['--artifacts-destination', join(directory, 'artifacts')],
  ])
  ;[ours, theirs] = await Promise.all([answersOf(embedded), answersOf(original)])
}, PATIENCE_MS)
afterAll(async () => {
  for (const server of servers) {
    if (server.exitCode !== null) continue
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
})

/** Starts a server, and waits until it is well. @returns Its address. */
async function started(
  [program = '', ...command]: readonly string[],
  flagsOf: (port: number) => readonly string[],
): Promise<string> {
  const port = await freePort()
  const server = spawn(program, [...command, ...flagsOf(port)], {
    cwd: directory,
    env: ENVIRONMENT,
    stdio: 'ignore',
  })
  servers.push(server)
  const uri = `http://127.0.0.1:${port}`
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline && server.exitCode === null) {
    const reply = await fetch(`${uri}/health`).catch(() => undefined)
    if (reply?.ok) return uri
    await sleep(50)
  }
  throw new Error(`${program} ${command.join(' ')} did not answer on port ${port}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

async function answersOf(uri: string): Promise<Answers> {
  const file = join(directory, `answers-${new URL(uri).port}.json`)
  await promisify(execFile)(PYTHON, [CLIENT, uri, file], { cwd: directory, env: ENVIRONMENT })
  return JSON.parse(await readFile(file, 'utf8'))
}

test('the program runs unchanged on both, and asks the same', () => {
  expect(Object.keys(ours).length).toBeGreaterThan(120)
  expect(Object.keys(ours)).toEqual(Object.keys(theirs))
})

test('both answer the same, but for the differences that are listed', () => {
  expect(ours).toEqual({ ...theirs, ...DIFFERENCES })
})

test('every listed difference is one', () => {
  for (const [name, answer] of Object.entries(DIFFERENCES)) {
    expect([name, theirs[name]]).not.toEqual([name, answer])
  }
})
