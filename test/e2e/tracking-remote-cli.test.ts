/** The whole command line against a tracking server in another process, which may die at any time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  type StartOptions,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

vi.setConfig({ testTimeout: 90_000 })

const MAIN = join(CHECKOUT, 'src/cli/main.ts')
const KEY = 'a key of many letters'

let workplace: Workplace
let server: ChildProcess
let port: number

beforeEach(async () => {
  workplace = await createWorkplace()
  await workplace.write('key', KEY)
  port = await freePort()
  await startServer()
})
afterEach(async () => {
  await killServer()
  await workplace.remove()
})

async function startServer(): Promise<void> {
  const store = ['--store', 'served', '--key-file', 'key', '--port', String(port)]
  server = spawn(process.execPath, [MAIN, 'tracking', 'serve', ...store], {
    cwd: workplace.directory,
    stdio: 'ignore',
  })
  for (let tries = 0; tries < 600; tries++) {
    if ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok) return
    await sleep(50)
  }
  throw new Error('The tracking server did not start')
}

/** As a power cut would. */
async function killServer(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

function remote(args: readonly string[], options: StartOptions = {}) {
  const environment = {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
    MLFLOW_TRACKING_TOKEN: KEY,
    MLFLOW_EXPERIMENT_NAME: 'remote work',
    ...options.environment,
  }
  const own = ['--store', 'own', '--config', 'small.json', '--json']
  return workplace.tickerflow([...args, ...own], { ...options, environment })
}

/** Everything that the server has of its only run. */
async function servedRun() {
  await killServer()
  const store = openSqliteTrackingStore({
    directory: workplace.path('served'),
    clock: () => 0,
    newId: () => '',
  })
  const experiment = await store.getExperimentByName('remote work')
  const page = await store.searchRuns({
    experimentIds: [experiment?.id ?? ''],
    filter: 'tags.`mlflow.parentRunId` IS NULL',
  })
  const histories = new Map<string, number>()
  for (const run of page.items) {
    for (const { key } of run.metrics) {
      histories.set(key, (await store.getMetricHistory(run.id, key)).items.length)
    }
  }
  await store.close()
  return { runs: page.items, histories: Object.fromEntries(histories) }
}

it('runs, lists, shows and forecasts as with its own store', async () => {
  const document = successOf(await remote(['run']))
  expect(document.run.experiment).toBe('remote work')
  expect(document.report).toMatch(/^http:\/\/127.0.0.1:\d+\/api\/2.0\/mlflow-artifacts\/.*report/)
  const report = await fetch(document.report, { headers: { authorization: `Bearer ${KEY}` } })
  expect(await report.text()).toContain('<html')
  const [run] = successOf(await remote(['runs', 'list']))
  expect(run.status).toBe('FINISHED')
  const shown = successOf(await remote(['runs', 'show', document.run.id]))
  expect(Object.keys(shown.metrics).length).toBeGreaterThan(10)
  expect(successOf(await remote(['models', 'list']))).toMatchObject([
    { name: 'aapl-forecaster', live: document.version.environment === 'production' ? 1 : null },
  ])
  const forecast = successOf(await remote(['forecast', '--model-version', '1']))
  expect(forecast.version).toBe('1')
})

it('a server that dies in the middle of a training and comes back has every metric, once', async () => {
  const undisturbed = workplace.tickerflow([
    'run',
    '--store',
    'quiet',
    '--config',
    'small.json',
    '--json',
  ])
  expect((await undisturbed).exitCode).toBe(0)
  let restarted: Promise<void> | undefined
  const outcome = await remote(['run'], {
    onStderr: (said) => {
      if (!said.includes('Judge') || restarted !== undefined) return
      restarted = killServer()
        .then(() => sleep(500))
        .then(startServer)
    },
  })
  await restarted
  expect(restarted).toBeDefined()
  const [disturbed, quiet] = [successOf(outcome), successOf(await undisturbed)]
  for (const part of ['scores', 'tests', 'gate', 'forecast']) {
    expect(disturbed[part]).toEqual(quiet[part])
  }
  const { runs, histories } = await servedRun()
  expect(runs.map(({ status }) => status)).toEqual(['FINISHED'])
  expect(Object.keys(histories).length).toBeGreaterThan(10)
  expect(histories).toEqual(await localHistories('quiet'))
})

it('keeps what a run has come to when the server stays away, and sends it later', async () => {
  let killed: Promise<void> | undefined
  const outcome = await remote(['run'], {
    environment: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' },
    onStderr: (said) => {
      if (said.includes('Judge')) killed ??= killServer()
    },
  })
  await killed
  expect(outcome.exitCode).toBe(1)
  expect(documentOf(outcome).error.code).toBe('TRACKING_UNAVAILABLE')
  expect(outcome.stderr).toContain('tickerflow tracking sync')
  const away = await remote(['tracking', 'sync'])
  expect(documentOf(away).error.code).toBe('TRACKING_UNAVAILABLE')
  await startServer()
  expect(successOf(await remote(['tracking', 'sync'])).pendingBytes).toBe(0)
  const { runs, histories } = await servedRun()
  expect(runs.map(({ status }) => status)).toEqual(['FAILED'])
  expect(Object.keys(histories).length).toBeGreaterThan(10)
})

it('says at once that no server is there, and does no work in vain', async () => {
  await killServer()
  const outcome = await remote(['run'])
  expect(documentOf(outcome).error.code).toBe('TRACKING_UNAVAILABLE')
  expect(outcome.stderr).not.toContain(KEY)
  expect(outcome.stderr).not.toContain('Judge')
})

it('says what is wrong with credentials and addresses, without repeating secrets', async () => {
  const denied = await remote(['runs'], { environment: { MLFLOW_TRACKING_TOKEN: 'wrong-secret' } })
  expect(documentOf(denied).error.code).toBe('TRACKING_DENIED')
  const odd = { MLFLOW_TRACKING_URI: 'postgresql://me:wrong-secret@db/mlflow' }
  const refused = await remote(['runs'], { environment: odd })
  expect(documentOf(refused).error.code).toBe('CONFIG_INVALID')
  expect(`${denied.stdout}${denied.stderr}${refused.stdout}${refused.stderr}`).not.toContain(
    'wrong-secret',
  )
})

async function localHistories(directory: string): Promise<Record<string, number>> {
  const store = openSqliteTrackingStore({
    directory: workplace.path(directory),
    clock: () => 0,
    newId: () => '',
  })
  const { items: experiments } = await store.listExperiments()
  const { items } = await store.searchRuns({
    experimentIds: experiments.map(({ id }) => id),
    filter: 'tags.`mlflow.parentRunId` IS NULL',
  })
  const histories = new Map<string, number>()
  for (const run of items) {
    for (const { key } of run.metrics) {
      histories.set(key, (await store.getMetricHistory(run.id, key)).items.length)
    }
  }
  await store.close()
  return Object.fromEntries(histories)
}
