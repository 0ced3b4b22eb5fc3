/** The scheduler as processes: two of them, one that slept, one that is told to stop, and what each job leaves. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  filesBelow,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

vi.setConfig({ testTimeout: 120_000 })

const WHERE = ['--source', 'sample', '--store', 'store', '--json']
/** Before the last week of the sample, and after its last close. */
const [MONDAY, FRIDAY] = ['2013-02-25T12:00:00Z', '2013-03-01T23:00:00Z']
const KINDS = ['forecast', 'ingest', 'monitor', 'retrain']

let workplace: Workplace
beforeEach(async () => {
  workplace = await createWorkplace()
  await workplace.write('tickerflow.config.json', SMALL_CONFIG)
})
afterEach(() => workplace.remove())

const read = async (...args: readonly string[]) =>
  successOf(await workplace.tickerflow([...args, ...WHERE]))
const once_ = (now: string) => read('schedule', 'start', '--once', '--now', now)

interface JobRow {
  readonly kind: string
  readonly dueAt: string
  readonly state: string
}

test('two schedulers wake up after a week: each job is done by one of them, for its latest time', async () => {
  expect(await once_(MONDAY)).toEqual({ jobs: [] })
  const both = await Promise.all([once_(FRIDAY), once_(FRIDAY)])
  const ended: JobRow[] = both.flatMap(({ jobs }) => jobs)
  expect(ended.map(({ kind }) => kind).toSorted()).toEqual(KINDS)
  expect(ended.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])

  const { jobs } = (await read('schedule', 'list')) as { jobs: JobRow[] }
  const missed = jobs.filter(({ state }) => state === 'missed')
  expect(missed).toHaveLength(4 * KINDS.length)
  expect(new Set(jobs.map(({ kind, dueAt }) => `${kind} ${dueAt}`)).size).toBe(jobs.length)
  // Whoever came second found nothing more to do, then or later.
  expect(await once_(FRIDAY)).toEqual({ jobs: [] })
  const models = ['models', '--store', 'store', '--json']
  expect(successOf(await workplace.tickerflow(models))).toHaveLength(1)
})

/** A scheduler that stays. `said` is all that it has told so far. */
function liveScheduler() {
  const args = ['schedule', 'start', '--now', FRIDAY, ...WHERE]
  const child = spawn(process.execPath, [join(CHECKOUT, 'src/cli/main.ts'), ...args], {
    cwd: workplace.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return { child, said: () => said }
}

test.skipIf(process.platform === 'win32')(
  'SIGTERM ends a live scheduler in the middle of a job, which the next start does',
  async () => {
    const long = { windowLength: 60, hiddenSizes: [64], epochs: 5000, patience: 5000, seeds: 4 }
    await workplace.write('tickerflow.config.json', { ...SMALL_CONFIG, lstm: long })
    await once_(MONDAY)
    const { child, said } = liveScheduler()
    const running = async () => ((await read('schedule', 'list')).jobs as JobRow[])[1]
    await vi.waitFor(() => expect(said()).toMatch(/monitor AAPL.*done/), { timeout: 60_000 })
    await vi.waitFor(async () => {
      expect(await running()).toMatchObject({ kind: 'retrain', state: 'running' })
    }, 30_000)
    const since = performance.now()
    child.kill('SIGTERM')
    const [exitCode] = await once(child, 'exit')
    expect(exitCode).toBe(0)
    expect(performance.now() - since).toBeLessThan(10_000)
    expect(said()).toMatch(/retrain AAPL, due 2013-03-01T21:30:00.000Z: stopped, given back/)
    expect(await running()).toMatchObject({ kind: 'retrain', state: 'waiting' })

    await workplace.write('tickerflow.config.json', SMALL_CONFIG)
    const { jobs } = await once_(FRIDAY)
    expect(jobs.map(({ kind, state }: JobRow) => [kind, state])).toEqual([
      ['retrain', 'done'],
      ['forecast', 'done'],
    ])
  },
)

test('the job of backups makes one that can be restored, and keeps as many as it is told', async () => {
  const schedule = { backup: '0 3 * * *', backupTo: workplace.path('backups'), backupsKept: 2 }
  await workplace.write('tickerflow.config.json', { ...SMALL_CONFIG, schedule })
  await read('ingest')
  for (let i = 0; i < 3; i++) {
    const { jobs } = await read('schedule', 'run-now', 'backup')
    expect(jobs).toMatchObject([{ kind: 'backup', outcome: expect.stringMatching(/^backup /) }])
  }
  const backups = ['--from', 'backups', '--json']
  expect(successOf(await workplace.tickerflow(['backup', 'list', ...backups]))).toHaveLength(2)
  const restore = ['backup', 'restore', ...backups, '--store', 'restored']
  expect(successOf(await workplace.tickerflow(restore)).records.intact).toBe(true)
  const bars = (store: string) => filesBelow(workplace.path(store, 'bars'))
  expect((await bars('store')).size).toBeGreaterThan(0)
  expect(await bars('restored')).toEqual(await bars('store'))
})
