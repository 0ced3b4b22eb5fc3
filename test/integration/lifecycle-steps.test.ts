/** The steps of a lifecycle: not computed twice, and gone on with where they failed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Application } from '../../src/pipeline/application.ts'
import { runLifecycle } from '../../src/pipeline/lifecycle.ts'
import { promotionsOf } from '../../src/registry/promotion-journal.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

vi.setConfig({ testTimeout: 60_000 })

const MODEL = 'aapl-forecaster'
let lifecycle: TestLifecycle
let app: Application
let fitted: number

beforeEach(async () => {
  lifecycle = await openLifecycle({})
  fitted = 0
  const { pool } = lifecycle.app
  app = {
    ...lifecycle.app,
    pool: {
      ...pool,
      executeFold: (...args) => {
        fitted++
        return pool.executeFold(...args)
      },
      finalFit: (...args) => {
        fitted++
        return pool.finalFit(...args)
      },
    },
  }
})
afterEach(() => lifecycle.end())

const run = (using: Application, signal?: AbortSignal, progress = silentProgress()) =>
  runLifecycle(using, { config: lifecycle.config, progress, signal })

async function stepsOf(runId: string): Promise<Record<string, { state: string; output: string }>> {
  const bytes = await app.tracking.readArtifact(runId, 'pipeline/steps.json')
  const { steps } = JSON.parse(new TextDecoder().decode(bytes))
  return Object.fromEntries(steps.map((one: { step: string }) => [one.step, one]))
}

async function versions() {
  return (await app.tracking.listModelVersions(MODEL)).items
}

test('a second run on the same prices fits nothing, and is a run of its own', async () => {
  const first = await run(app)
  expect(fitted).toBeGreaterThan(3)
  fitted = 0
  const second = await run(app)
  expect(fitted).toBe(0)
  expect(second.scores).toEqual(first.scores)
  const [before, after] = [await stepsOf(first.run.id), await stepsOf(second.run.id)]
  expect(Object.values(before).map(({ state }) => state)).toEqual(Array(5).fill('done'))
  expect(after).toMatchObject({ judge: { state: 'kept' }, fit: { state: 'kept' } })
  expect(after.judge?.output).toBe(before.judge?.output)
  expect(after.register).toMatchObject({ state: 'done' })
  expect(await versions()).toHaveLength(2)
})

test('another seed or model is another input, and is computed', async () => {
  await run(app)
  fitted = 0
  await runLifecycle(app, {
    config: { ...lifecycle.config, candidate: 'ewma' },
    progress: silentProgress(),
  })
  expect(fitted).toBeGreaterThan(0)
})

test('a run that failed at the gate goes on there: the same run, the same version', async () => {
  const broken: Application = {
    ...app,
    promotions: {
      ...app.promotions,
      onStep: () => {
        throw new Error('out of order')
      },
    },
  }
  await expect(run(broken)).rejects.toThrow('out of order')
  const [only] = await versions()
  fitted = 0
  const document = await run(app)
  expect(fitted).toBe(0)
  expect(document.run.id).toBe(only?.runId)
  expect(await versions()).toHaveLength(1)
  expect((await app.tracking.getRun(document.run.id)).status).toBe('FINISHED')
  expect(await stepsOf(document.run.id)).toMatchObject({
    record: { state: 'kept' },
    register: { state: 'kept' },
    gate: { state: 'done' },
  })
  const live = promotionsOf(app.database, MODEL).filter(({ state }) => state === 'committed')
  expect(live.map(({ environment }) => environment)).toContain('production')
})

test('a run that was stopped after its fits does not fit again', async () => {
  const stop = new AbortController()
  const progress = silentProgress((title) => {
    if (title === 'Record and register') stop.abort()
  })
  await expect(run(app, stop.signal, progress)).rejects.toThrow(/Stopped on request/)
  fitted = 0
  await run(app)
  expect(fitted).toBe(0)
  expect(await versions()).toHaveLength(1)
})
