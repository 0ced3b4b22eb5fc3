/** `/api/v1/jobs`: schedules of the configuration, jobs of the queue, retrainings of the journal. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSqliteDueJobs } from '../../src/pipeline/jobs/sqlite-due-jobs.ts'
import { beginRetraining, noteTrained } from '../../src/pipeline/retraining/retraining-journal.ts'
import { openServing, type ServingFixture } from './serving-fixture.ts'

const DUE = ['2013-02-27T21:20:00.000Z', '2013-02-28T21:20:00.000Z', '2013-03-01T21:20:00.000Z']
let fixture: ServingFixture
beforeAll(async () => {
  fixture = await openServing()
  const { database, wallClock } = fixture.app
  const queue = createSqliteDueJobs({ database, wallClock })
  const before = Date.parse('2013-02-26T00:00:00Z')
  queue.advance({ kind: 'ingest', symbol: 'AAPL' }, before, () => [])
  const due = DUE.map((instant) => Date.parse(instant))
  queue.advance({ kind: 'ingest', symbol: 'AAPL' }, (due[2] as number) + 1, () => due)
  queue.claim('a')?.finish({ state: 'done', outcome: '3270 bars to 2013-03-01' })
  const given = {
    model: 'aapl-forecaster',
    symbol: 'AAPL',
    trigger: 'drift',
    reason: 'volume',
  } as const
  beginRetraining(database, { ...given, id: 'one', startedAtMs: before, shadowSessions: 5 })
  noteTrained(database, 'one', { run: 'r', version: 2, trainedTo: 15_765 })
})
afterAll(() => fixture.end())

async function jobs(query = '') {
  const reply = await fixture.server.inject({ url: `/api/v1/jobs${query}` })
  return { status: reply.statusCode, body: reply.json() }
}

test('tells what is scheduled, what was done and missed, and which challenger is in the shadow', async () => {
  const { status, body } = await jobs()
  expect(status).toBe(200)
  expect(body.schedules.map(({ kind, rule }: Record<string, string>) => `${kind} ${rule}`)).toEqual(
    ['ingest close+20m', 'monitor close+25m', 'retrain close+30m', 'forecast close+35m'],
  )
  for (const { next } of body.schedules) expect(Date.parse(next)).toBeGreaterThan(0)
  const told = body.jobs.map(({ dueAt, state, attempts }: Record<string, unknown>) => [
    dueAt,
    state,
    attempts,
  ])
  expect(told).toEqual([
    [DUE[2], 'done', 1],
    [DUE[1], 'missed', 0],
    [DUE[0], 'missed', 0],
  ])
  expect(body.jobs[0].outcome).toBe('3270 bars to 2013-03-01')
  expect(body.retrainings).toEqual([
    {
      id: 'one',
      model: 'aapl-forecaster',
      symbol: 'AAPL',
      trigger: 'drift',
      reason: 'volume',
      state: 'shadow',
      startedAt: '2013-02-26T00:00:00.000Z',
      trainedTo: '2013-03-01',
      version: 2,
      outcome: null,
    },
  ])
})

test('lists as many jobs as are asked for, within reason', async () => {
  expect((await jobs('?limit=1')).body.jobs).toHaveLength(1)
  expect((await jobs('?limit=0')).status).toBe(400)
  expect((await jobs('?limit=1001')).status).toBe(400)
})
