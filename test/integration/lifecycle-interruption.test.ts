/** A stop that is asked for between two steps of a run. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runLifecycle } from '../../src/pipeline/lifecycle.ts'
import { promotionsOf } from '../../src/registry/promotion-journal.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

vi.setConfig({ testTimeout: 60_000 })

let lifecycle: TestLifecycle

beforeEach(async () => {
  lifecycle = await openLifecycle({})
})
afterEach(() => lifecycle.end())

async function stopAt(title: string) {
  const { app, config } = lifecycle
  const controller = new AbortController()
  const progress = silentProgress((step) => {
    if (step === title) controller.abort()
  })
  const request = { config, progress, signal: controller.signal }
  const result = runLifecycle(app, request)
  const outcome = await result.then(
    (document) => document.gate.decision,
    (error) => error.code,
  )
  const experiments = (await app.tracking.listExperiments()).items.map(({ id }) => id)
  const all = (await app.tracking.searchRuns({ experimentIds: experiments, limit: 50 })).items
  const runs = all.filter(({ tags }) => tags['mlflow.parentRunId'] === undefined)
  const promotions = promotionsOf(app.promotions.database, 'aapl-forecaster')
  const models = (await app.tracking.listRegisteredModels()).items
  return {
    outcome,
    statuses: runs.map(({ status }) => status),
    versions: models.length,
    promotions: promotions.length,
  }
}

test.each([
  ['Read and check prices', { versions: 0 }],
  ['Build features and look for leaks', { versions: 0 }],
  ['Judge walk-forward', { versions: 0 }],
  ['Train on all data', { versions: 0 }],
  ['Record and register', { versions: 0 }],
  ['Ask the gate', { versions: 1 }],
])('asked for at "%s", it stops: killed, and nothing promoted', async (title, { versions }) => {
  expect(await stopAt(title)).toEqual({
    outcome: 'INTERRUPTED',
    statuses: ['KILLED'],
    versions,
    promotions: 0,
  })
})

test('asked for after the gate has decided, it comes too late: the run ends as usual', async () => {
  expect(await stopAt('Write the report')).toEqual({
    outcome: 'promote',
    statuses: ['FINISHED'],
    versions: 1,
    // To Staging by the gate, to Production by the approval.
    promotions: 2,
  })
})
