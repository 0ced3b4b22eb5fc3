/** The search as a whole, in this process, on the sample. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import type { Application } from '../../src/pipeline/application.ts'
import type { TaskPool } from '../../src/pipeline/task-pool.ts'
import { tuneModel } from '../../src/pipeline/tuning/tune-model.ts'
import { candidatesTriedOn } from '../../src/registry/trial-ledger.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

const SEARCH: Partial<Config> = {
  source: 'sample',
  evaluation: { refit: 'yearly', embargoSessions: 0, from: '2005-01-01' },
  lstm: { windowLength: 5, hiddenSizes: [3], epochs: 1, seeds: 1 },
  tune: { trials: 3, reduction: 3, folds: 2, foldSessions: 60, ranges: { epochs: [1, 2, 3] } },
}

/** Four settings, each an LSTM and a naive forecast; then the reference and the best one again. */
const FITS_OF_ROUND_ONE = 8
const FITS_OF_ROUND_TWO = 4

let lifecycle: TestLifecycle
beforeEach(async () => {
  lifecycle = await openLifecycle(SEARCH)
})
afterEach(() => lifecycle.end())

const search = (signal?: AbortSignal, onStep?: (title: string) => void) =>
  tuneModel(lifecycle.app, {
    config: lifecycle.config,
    progress: silentProgress(onStep),
    signal,
  })

test('every setting is judged before the evaluation span, recorded, and counted as a trial', async () => {
  const { app } = lifecycle
  const document = await search()
  expect(document.folds[0]?.to).toBe('2004-12-30')
  expect(document.trials.map(({ trial, rounds }) => [trial, rounds])).toHaveLength(4)
  expect(document.trials.filter(({ rounds }) => rounds === 2)).toHaveLength(2)
  expect(document.trials[0]).toMatchObject({ trial: 0, options: {}, rounds: 2 })

  const { items } = await app.tracking.searchRuns({
    experimentIds: [(await app.tracking.getRun(document.run.id)).experimentId],
    filter: `tags.mlflow.parentRunId = '${document.run.id}'`,
  })
  expect(items).toHaveLength(4)

  const tried = (firstDay: number, lastDay: number) =>
    candidatesTriedOn(app.database, { symbol: 'AAPL', horizon: 1, firstDay, lastDay })
  expect(tried(0, 12_783).length).toBeGreaterThanOrEqual(3)
  expect(tried(12_784, 20_000)).toEqual([])
})

/** The application with every fit announced before it begins. */
function hearing(onFit: () => void): Application {
  const { app } = lifecycle
  const { executeFold } = app.pool
  const pool: TaskPool = {
    ...app.pool,
    async executeFold(task, signal) {
      onFit()
      return await executeFold(task, signal)
    },
  }
  return { ...app, pool }
}

test('a search that was stopped goes on from where it was, to the same end', async () => {
  const { config } = lifecycle
  const controller = new AbortController()
  let fits = 0
  const stopping = hearing(() => {
    if (++fits > FITS_OF_ROUND_ONE) controller.abort()
  })
  const request = { config, progress: silentProgress() }
  const stopped = tuneModel(stopping, { ...request, signal: controller.signal })
  await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })

  let later = 0
  const resumed = await tuneModel(
    hearing(() => {
      later++
    }),
    request,
  )
  expect(later).toBe(FITS_OF_ROUND_TWO)
  const { run: _run, durationMs: _took, ...result } = resumed
  expect(await search()).toMatchObject(result)
})

test('a damaged checkpoint is made again, not believed', async () => {
  const first = await search()
  const { checkpoints } = lifecycle.app.directory
  const [file = ''] = await readdir(checkpoints)
  await writeFile(join(checkpoints, file), '{"format":"tickerflow-tuning/1","outcomes":{}')
  const second = await search()
  expect(second.trials).toEqual(first.trials)
})

test('a range that the LSTM does not have is refused before any work', async () => {
  const steps: string[] = []
  const tune = { ...lifecycle.config.tune, ranges: { depth: [1, 2] } }
  const request = {
    config: { ...lifecycle.config, tune },
    progress: silentProgress((title) => steps.push(title)),
  }
  await expect(tuneModel(lifecycle.app, request)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(steps).toEqual([])
})
