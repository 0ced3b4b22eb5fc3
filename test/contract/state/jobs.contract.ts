/** Jobs, leases, retrainings and the journal of steps, for any number of processes. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { State } from '../../../src/open-state.ts'
import { whileLeader } from '../../../src/pipeline/jobs/leader.ts'
import { takeLease, withLease } from '../../../src/pipeline/jobs/lease.ts'
import { createSqliteDueJobs } from '../../../src/pipeline/jobs/sqlite-due-jobs.ts'
import {
  beginRetraining,
  challengerOf,
  endRetraining,
  noteTrained,
  retrainingsOf,
} from '../../../src/pipeline/retraining/retraining-journal.ts'
import {
  beginAttempt,
  endAttempt,
  noteStep,
  stepsOf,
  unfinishedRun,
} from '../../../src/pipeline/steps/plan-journal.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function jobsContract(openState: OpenTestState): void {
  let state: TestState
  let nowMs: number
  const wallClock = () => nowMs

  beforeEach(async () => {
    state = await openState()
    nowMs = 1_700_000_000_000
  })

  afterEach(() => state.end())

  const queueOf = ({ database }: State) => createSqliteDueJobs({ database, wallClock })

  test('a due time that two schedulers see becomes one job, done by one, its result kept', async () => {
    const queues = [queueOf(state), queueOf(await state.again())]
    const name = { kind: 'ingest', symbol: 'AAPL' } as const
    for (const queue of queues) queue.advance(name, nowMs, () => [])
    nowMs += 1_000
    for (const queue of queues) queue.advance(name, nowMs, () => [nowMs - 500])
    const claims = queues.map((queue, i) => queue.claim(`holder ${i}`))
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
    expect(claims[0]?.finish({ state: 'done', outcome: '12 sessions' })).toBe(true)
    expect(queues[1]?.list(10)).toMatchObject([
      { kind: 'ingest', state: 'done', outcome: '12 sessions', attempts: 1 },
    ])
  })

  test('what waited is overtaken, and what a dead process held is taken over until it is given up', async () => {
    const queue = queueOf(state)
    const name = { kind: 'forecast', symbol: 'AAPL' } as const
    queue.advance(name, nowMs, () => [])
    nowMs += 1_000
    queue.advance(name, nowMs, (_, to) => [to - 900, to - 300, to - 100])
    expect(queue.list(10).map((job) => job.state)).toEqual(['waiting', 'missed', 'missed'])
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(queue.claim('mortal')?.job.attempts).toBe(attempt)
      expect(queue.claim('other')).toBeUndefined()
      nowMs += 61_000
    }
    expect(queue.claim('other')).toBeUndefined()
    expect(queue.list(1)).toMatchObject([{ state: 'failed', outcome: 'its process ended 3 times' }])
  })

  test('a lease has one holder, who may renew it, and goes to another when it has run out', async () => {
    const other = await state.again()
    const of = (holder: string, { database }: State) => ({ database, wallClock, holder })
    expect(takeLease('panel', of('a', state))).toBe(true)
    expect(takeLease('panel', of('b', other))).toBe(false)
    nowMs += 30_000
    expect(takeLease('panel', of('a', state))).toBe(true)
    nowMs += 59_000
    expect(takeLease('panel', of('b', other))).toBe(false)
    await expect(withLease('panel', of('b', other), async () => {})).rejects.toMatchObject({
      code: 'WORK_TAKEN',
    })
    nowMs += 1_000
    expect(await withLease('panel', of('b', other), async () => 'done')).toBe('done')
    expect(takeLease('panel', of('a', state))).toBe(true)
  })

  test('of two schedulers one leads, and the other when the first has ended or died', async () => {
    const other = await state.again()
    const told: string[] = []
    const lead = (holder: string, { database }: State, ends: AbortController) =>
      whileLeader(
        'scheduler',
        {
          ...{ database, wallClock, holder, leaseMs: 20_000, signal: ends.signal },
          sleep: async () => {
            await new Promise((resolve) => setImmediate(resolve))
            nowMs += 1_000
          },
          onChange: (place) => told.push(`${holder} ${place}`),
        },
        async (signal) => {
          while (!signal.aborted) await new Promise((resolve) => setImmediate(resolve))
        },
      )
    takeLease('scheduler', { database: state.database, wallClock, holder: 'dead', leaseMs: 20_000 })
    const [first, second] = [new AbortController(), new AbortController()]
    const a = lead('a', state, first)
    while (!told.includes('a leading')) await new Promise((resolve) => setImmediate(resolve))
    const b = lead('b', other, second)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual(['a standing by', 'a leading', 'b standing by'])
    first.abort()
    await a
    while (!told.includes('b leading')) await new Promise((resolve) => setImmediate(resolve))
    second.abort()
    await b
    expect(told).toHaveLength(4)
  })

  test('one challenger of a model is under way at a time', async () => {
    const { database } = state
    const begin = (id: string) =>
      beginRetraining(database, {
        ...{ id, model: 'm', symbol: 'AAPL', trigger: 'hand', reason: 'asked' },
        ...{ startedAtMs: nowMs, shadowSessions: 5 },
      })
    expect([begin('r1'), begin('r2')]).toEqual([true, false])
    const trained = { run: 'run1', version: 2, trainedTo: 15_000 }
    expect(noteTrained(database, 'r1', trained)).toBe(true)
    expect(challengerOf((await state.again()).database, 'm')).toMatchObject({
      ...trained,
      state: 'shadow',
    })
    const end = { state: 'decided', atMs: nowMs, outcome: 'promote', promotion: 'p1' } as const
    expect([1, 2].map(() => endRetraining(database, 'r1', end))).toEqual([true, false])
    expect(begin('r3')).toBe(true)
    expect(retrainingsOf(database).map(({ id, state: at }) => [id, at])).toEqual([
      ['r1', 'decided'],
      ['r3', 'training'],
    ])
    expect(retrainingsOf(database, 'other')).toEqual([])
  })

  test('the steps of an unfinished plan are found again', async () => {
    const { database } = state
    beginAttempt(database, { plan: 'p', run: 'r', atMs: nowMs })
    const step = { step: 'fit', inputs: 'i', state: 'done', output: 'o', durationMs: 12 } as const
    noteStep(database, 'r', step)
    noteStep(database, 'r', { ...step, durationMs: 13 })
    expect(unfinishedRun((await state.again()).database, 'p')).toBe('r')
    expect(stepsOf(database, 'r')).toEqual([{ ...step, durationMs: 13 }])
    endAttempt(database, 'r', 'finished')
    expect(unfinishedRun(database, 'p')).toBeUndefined()
  })
}
