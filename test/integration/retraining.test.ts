/** A challenger from its training through its shadow to the gate, session by session. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Bars } from '../../src/market/bars.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { sliceBars } from '../../src/market/create-bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { issueForecasts } from '../../src/pipeline/issuing/issue-forecasts.ts'
import { concludeShadow, isRetrainDue } from '../../src/pipeline/retraining/retrain.ts'
import { retrainIfDue, retrainNow } from '../../src/pipeline/retraining/retrain-now.ts'
import {
  beginRetraining,
  noteTrained,
  retrainingsOf,
} from '../../src/pipeline/retraining/retraining-journal.ts'
import { trainChallenger } from '../../src/pipeline/retraining/train-challenger.ts'
import { liveVersion } from '../../src/registry/promotion-journal.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

vi.setConfig({ testTimeout: 60_000 })

const MODEL = 'aapl-forecaster'
const SLOT = { model: MODEL, environment: 'production' } as const
const calendar = createCalendar('nyse')
const BY_HAND = { trigger: 'hand', reason: 'to see' } as const
let lifecycle: TestLifecycle
let app: Application
let all: Bars
let rows: number

beforeEach(async () => {
  all = await readSampleBars('AAPL')
  rows = all.date.length - 20
  lifecycle = await openLifecycle({})
  const clock = () => calendar.closeTime(all.date[rows - 1] as number) + 30 * 60_000
  app = {
    ...lifecycle.app,
    clock,
    clockIsSet: true,
    promotions: { ...lifecycle.app.promotions, clock },
    history: { read: async () => sliceBars(all, 0, rows) },
  }
})
afterEach(() => lifecycle.end())

function asked(retrain: Partial<TestLifecycle['config']['retrain']> = {}) {
  const { config } = lifecycle
  return {
    config: { ...config, retrain: { ...config.retrain, ...retrain } },
    progress: silentProgress(),
  }
}

async function forecast() {
  await issueForecasts(app, { ...asked(), symbols: ['AAPL'], chain: 'schedule' })
}

test('a challenger speaks beside what is live, and replaces it after its shadow', async () => {
  // The first version of all has nothing to be in the shadow of.
  expect(await retrainIfDue(app, asked({ shadowSessions: 3 }), 'a')).toMatch(/there is no version/)
  expect(retrainingsOf(app.database, MODEL)).toMatchObject([
    { trigger: 'first', shadowSessions: 0, state: 'decided', outcome: 'promote' },
  ])
  expect(liveVersion(app.database, SLOT)).toBe(1)
  rows++
  const made = await retrainNow(app, asked({ shadowSessions: 3 }), { why: BY_HAND, holder: 'a' })
  expect(made).toMatchObject({ state: 'shadow', version: 2, reason: 'to see' })
  for (let session = 0; session < 3; session++) {
    await forecast()
    expect(await concludeShadow(app, asked())).toBeUndefined()
    expect(await isRetrainDue(app, asked())).toMatchObject({
      due: false,
      reason: expect.stringMatching(/under way/),
    })
    rows++
  }
  const words = await retrainIfDue(app, asked(), 'a')
  expect(words).toMatch(/version 2 left the shadow: promote, committed; not due/)
  expect(liveVersion(app.database, SLOT)).toBe(2)
  expect(retrainingsOf(app.database, MODEL).at(-1)).toMatchObject({ outcome: 'promote' })
})

test('a challenger that is silent in its shadow fails, and what is live stays', async () => {
  await retrainNow(app, asked({ shadowSessions: 0 }), { why: BY_HAND, holder: 'a' })
  rows++
  await retrainNow(app, asked({ shadowSessions: 3 }), { why: BY_HAND, holder: 'a' })
  rows += 3
  expect(await concludeShadow(app, asked())).toBeUndefined()
  const [, last] = retrainingsOf(app.database, MODEL)
  expect(last).toMatchObject({
    state: 'failed',
    outcome: expect.stringMatching(/silent in 3 of 3/),
  })
  expect(liveVersion(app.database, SLOT)).toBe(1)
})

test('only one process at a time retrains a model', async () => {
  const request = asked({ shadowSessions: 0 })
  const both = await Promise.allSettled(
    ['a', 'b'].map((holder) => retrainNow(app, request, { why: BY_HAND, holder })),
  )
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const refused = both.find((one) => one.status === 'rejected')
  expect(refused?.reason).toMatchObject({ code: 'WORK_TAKEN' })
  expect(retrainingsOf(app.database, MODEL)).toHaveLength(1)
})

test('what a process that died has left in training does not stand in the way', async () => {
  const left = { id: 'left', model: MODEL, symbol: 'AAPL', ...BY_HAND }
  beginRetraining(app.database, { ...left, startedAtMs: 1, shadowSessions: 0 })
  await retrainNow(app, asked({ shadowSessions: 0 }), { why: BY_HAND, holder: 'a' })
  expect(retrainingsOf(app.database, MODEL).map(({ state }) => state)).toEqual([
    'failed',
    'decided',
  ])
})

test('a challenger whose process died before the gate was asked is judged by the next retraining', async () => {
  const request = asked({ shadowSessions: 0 })
  const left = { id: 'left', model: MODEL, symbol: 'AAPL', ...BY_HAND }
  beginRetraining(app.database, { ...left, startedAtMs: 1, shadowSessions: 0 })
  noteTrained(app.database, 'left', await trainChallenger(app, request, BY_HAND))
  const made = await retrainNow(app, request, { why: BY_HAND, holder: 'a' })
  expect(made).toMatchObject({ state: 'decided', version: 2 })
  expect(retrainingsOf(app.database, MODEL).map(({ id, state }) => [id, state])).toEqual([
    ['left', 'decided'],
    [made?.id, 'decided'],
  ])
})
