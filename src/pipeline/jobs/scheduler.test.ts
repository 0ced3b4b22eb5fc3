import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCalendar } from '../../market/calendar.ts'
import { openDatabase } from '../../sqlite/open-database.ts'
import type { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import type { Job } from './due-jobs.ts'
import { parseDueRule } from './due-times.ts'
import { JOBS_SCHEMA } from './jobs-schema.ts'
import { takeLease, withLease } from './lease.ts'
import { runScheduler, type SchedulerOptions, workOff } from './scheduler.ts'
import { createSqliteDueJobs } from './sqlite-due-jobs.ts'

let directory: string
let nowMs: number
const open: SqliteConnection[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jobs-'))
  nowMs = Date.parse('2024-11-25T12:00:00Z')
})
afterEach(() => {
  for (const database of open.splice(0)) database.close()
  rmSync(directory, { recursive: true, force: true })
})

function connect(): SqliteConnection {
  const database = openDatabase(join(directory, 'tickerflow.db'), [JOBS_SCHEMA])
  open.push(database)
  return database
}

const due = parseDueRule('close+30m', createCalendar('nyse'))
const wallClock = () => nowMs
const done: string[] = []

function scheduler(holder: string, change: Partial<SchedulerOptions> = {}): SchedulerOptions {
  done.length = 0
  return {
    queue: createSqliteDueJobs({ database: connect(), wallClock }),
    entries: [
      { kind: 'ingest', symbol: 'AAPL', due },
      { kind: 'forecast', symbol: 'AAPL', due },
    ],
    run: async ({ kind, dueAtMs }: Job) => {
      done.push(`${kind} ${new Date(dueAtMs).toISOString()}`)
      return 'ok'
    },
    clock: () => nowMs,
    holder,
    signal: new AbortController().signal,
    sleep: async () => {},
    ...change,
  }
}

describe('a scheduler', () => {
  test('begins with what becomes due after its first start', async () => {
    const options = scheduler('a')
    await workOff(options)
    expect(done).toEqual([])
    nowMs = Date.parse('2024-11-25T21:30:00Z')
    await workOff(options)
    expect(done).toEqual(['ingest 2024-11-25T21:30:00.000Z', 'forecast 2024-11-25T21:30:00.000Z'])
    await workOff(options)
    expect(done).toHaveLength(2)
  })

  test('that was asleep over three due times does each job once, and notes what was missed', async () => {
    const options = scheduler('a')
    await workOff(options)
    // Over Thanksgiving and the early close after it.
    nowMs = Date.parse('2024-11-30T12:00:00Z')
    await workOff(options)
    expect(done).toEqual(['ingest 2024-11-29T18:30:00.000Z', 'forecast 2024-11-29T18:30:00.000Z'])
    const missed = options.queue.list(100).filter(({ state }) => state === 'missed')
    expect(missed.map(({ dueAtMs }) => new Date(dueAtMs).toISOString().slice(0, 10))).toEqual([
      ...['2024-11-27', '2024-11-27', '2024-11-26', '2024-11-26', '2024-11-25', '2024-11-25'],
    ])
  })

  test('does not do what another one on the same store does', async () => {
    const first = scheduler('a')
    const second = scheduler('b')
    await workOff(first)
    for (let day = 0; day < 30; day++) {
      nowMs += 24 * 3_600_000
      await Promise.all([workOff(first), workOff(second)])
    }
    expect(done.length).toBeGreaterThan(30)
    expect(new Set(done).size).toBe(done.length)
    expect(first.queue.list(1000).filter(({ attempts }) => attempts > 1)).toEqual([])
  })

  test('takes over from one that has died, and only then', async () => {
    const dead = createSqliteDueJobs({ database: connect(), wallClock })
    const options = scheduler('b')
    await workOff(options)
    nowMs = Date.parse('2024-11-25T21:31:00Z')
    dead.advance({ kind: 'ingest', symbol: 'AAPL' }, nowMs, (from, to) => due.between(from, to))
    const claimed = dead.claim('dead')
    expect(claimed?.job).toMatchObject({ kind: 'ingest', attempts: 1 })
    await workOff(options)
    expect(done).toEqual([])
    nowMs += 61_000
    await workOff(options)
    expect(done).toEqual(['ingest 2024-11-25T21:30:00.000Z', 'forecast 2024-11-25T21:30:00.000Z'])
    expect(claimed?.finish({ state: 'done', outcome: 'too late' })).toBe(false)
  })

  test('tells of a job that fails, and goes on with the next', async () => {
    const run = async ({ kind }: Job) => {
      if (kind === 'ingest') throw new Error('no network')
      return 'ok'
    }
    const options = scheduler('a', { run })
    await workOff(options)
    nowMs = Date.parse('2024-11-25T21:30:00Z')
    await workOff(options)
    const states = options.queue.list(10).map(({ kind, state, outcome }) => [kind, state, outcome])
    expect(states).toEqual([
      ['forecast', 'done', 'ok'],
      ['ingest', 'failed', 'no network'],
    ])
  })

  test('that is stopped gives the job under way back for the next start', async () => {
    const stop = new AbortController()
    const run = async () => {
      stop.abort()
      throw new Error('stopped in the middle')
    }
    const options = scheduler('a', { run, signal: stop.signal })
    options.queue.advance({ kind: 'ingest', symbol: 'AAPL' }, nowMs, () => [])
    nowMs = Date.parse('2024-11-25T21:30:00Z')
    await runScheduler(options)
    expect(options.queue.list(10).map(({ state }) => state)).toEqual(['waiting'])
    await workOff(scheduler('b'))
    expect(done).toEqual(['ingest 2024-11-25T21:30:00.000Z'])
  })

  test('waits until the next time, and looks up from time to time meanwhile', async () => {
    const stop = new AbortController()
    const waits: number[] = []
    const sleep = async (ms: number) => {
      waits.push(ms)
      nowMs += ms
      if (nowMs > Date.parse('2024-11-25T21:31:00Z')) stop.abort()
    }
    nowMs = Date.parse('2024-11-25T21:28:50Z')
    await runScheduler(scheduler('a', { sleep, signal: stop.signal }))
    expect(waits.slice(0, 3)).toEqual([30_000, 30_000, 10_000])
    expect(done).toHaveLength(2)
  })
})

describe('a lease', () => {
  const options = (holder: string) => ({ database: connect(), wallClock, holder })

  test('has one holder at a time, and is free again when the work has ended or failed', async () => {
    const [one, two] = [options('one'), options('two')]
    await withLease('model', one, async () => {
      await expect(withLease('model', two, async () => 'in')).rejects.toThrow(
        /worked on by one.*60 s/,
      )
    })
    await expect(withLease('model', one, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    )
    expect(await withLease('model', two, async () => 'in')).toBe('in')
  })

  test('is lost by a holder that does not renew it', () => {
    const [one, two] = [options('one'), options('two')]
    expect(takeLease('model', one)).toBe(true)
    nowMs += 59_999
    expect(takeLease('model', two)).toBe(false)
    nowMs += 1
    expect(takeLease('model', two)).toBe(true)
    expect(takeLease('model', one)).toBe(false)
  })
})
