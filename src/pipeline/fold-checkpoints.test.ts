import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { type FoldExecutor, runFoldTask } from '../evaluation/fold-task.ts'
import { planFolds } from '../evaluation/folds.ts'
import { type WalkForward, walkForward } from '../evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { MOST_BYTES, openFoldCheckpoints } from './fold-checkpoints.ts'

const bars = simulateBars({ sessions: 900, seed: 'checkpoints', symbol: 'CHECK' })
const frame = buildFeatureFrame(bars)
const options = { windowLength: 4, hiddenSizes: [3], epochs: 1, seeds: 1, validationSessions: 80 }
const plan: WalkForward = {
  frames: [frame],
  symbols: ['CHECK'],
  models: [{ name: 'naive' }, { name: 'har' }, { name: 'lstm', options }],
  folds: planFolds({
    date: frame.date,
    from: frame.date[640] as number,
    to: frame.date[899] as number,
    refit: 'quarterly',
  }),
  horizon: 1,
  seed: 3,
}
const TASKS = plan.models.length * plan.folds.length

let root: string
const directory = () => ({ checkpoints: join(root, 'checkpoints'), tmp: join(root, 'tmp') })
const kept = () => readdir(directory().checkpoints)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tickerflow-checkpoints-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Judges the plan; counts the tasks that were computed, and gives up after some. */
async function evaluate(given: Partial<WalkForward> = {}, giveUpAfter = Infinity) {
  let computed = 0
  const compute: FoldExecutor = async (task) => {
    // One after the other, as the results are written.
    if (computed >= giveUpAfter) throw new Error('interrupted')
    computed++
    return runFoldTask(task)
  }
  const checkpoints = await openFoldCheckpoints(directory(), compute)
  let resumed = 0
  const onProgress = (progress: { readonly resumed: number }) => {
    resumed = progress.resumed
  }
  const work = walkForward({ ...plan, ...given }, { execute: checkpoints.execute, onProgress })
  const outcome = await work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )
  await checkpoints.settle()
  return { ...outcome, computed, resumed, checkpoints }
}

test('an evaluation that was stopped goes on where it was, to the same bits', async () => {
  const here = await walkForward(plan, { execute: async (task) => runFoldTask(task) })
  const first = await evaluate({}, 5)
  expect(first).toMatchObject({ error: { message: 'interrupted' }, computed: 5 })
  expect(await kept()).toHaveLength(5)

  const second = await evaluate()
  expect(second).toMatchObject({ computed: TASKS - 5, resumed: 5 })
  expect(second).toHaveProperty('result', here)
  expect(await kept()).toHaveLength(TASKS)

  await second.checkpoints.clear()
  expect(await kept()).toEqual([])
})

test.each<[string, Partial<WalkForward>, number]>([
  ['another seed', { seed: 4 }, TASKS],
  ['another horizon', { horizon: 2 }, TASKS],
  ['other folds', { folds: plan.folds.slice(1) }, 0],
  [
    'other options of one model',
    { models: [...plan.models.slice(0, 2), { name: 'lstm', options: { ...options, epochs: 2 } }] },
    plan.folds.length,
  ],
  [
    'options that are spelt out, and another label',
    { models: [{ name: 'lstm', label: 'champion', options: { ...options, dropout: 0 } }] },
    0,
  ],
])('with %s only what is the same is taken over', async (_, given, computed) => {
  await evaluate()
  expect((await evaluate(given)).computed).toBe(computed)
})

test('one price that differs makes all tasks others', async () => {
  await evaluate()
  const close = bars.close.slice()
  close[100] = (close[100] as number) * 1.001
  const frames = [buildFeatureFrame({ ...bars, close })]
  expect((await evaluate({ frames })).computed).toBe(TASKS)
})

test('a damaged result is computed again', async () => {
  await evaluate()
  const [short = '', flipped = ''] = (await kept()).map((name) =>
    join(directory().checkpoints, name),
  )
  await truncate(short, 100)
  const bytes = await readFile(flipped)
  bytes[60] = (bytes[60] as number) ^ 1
  await writeFile(flipped, bytes)
  expect((await evaluate()).computed).toBe(2)
})

test('what stopped evaluations leave behind is bounded, and the oldest goes first', async () => {
  await evaluate()
  const newest = await kept()
  const old = join(directory().checkpoints, 'old.fold')
  await writeFile(old, '')
  await truncate(old, MOST_BYTES)
  await utimes(old, 1, 1)
  await openFoldCheckpoints(directory(), async (task) => runFoldTask(task))
  expect((await kept()).sort()).toEqual(newest.sort())
})
