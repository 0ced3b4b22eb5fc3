import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { type FoldTask, runFoldTask } from '../evaluation/fold-task.ts'
import { planFolds } from '../evaluation/folds.ts'
import {
  type WalkForward,
  type WalkForwardResult,
  walkForward,
} from '../evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { type FinalFitTask, runFinalFit } from './final-fit.ts'
import { createTaskPool, type TaskPool } from './task-pool.ts'

const frame = buildFeatureFrame(simulateBars({ sessions: 800, seed: 'pool', symbol: 'POOL' }))
const day = (row: number) => frame.date[row] as number
const SMALL_LSTM = {
  windowLength: 4,
  hiddenSizes: [4],
  epochs: 2,
  seeds: 2,
  validationSessions: 80,
}
const lstm = { name: 'lstm', options: SMALL_LSTM }

const plan: WalkForward = {
  frames: [frame],
  symbols: ['POOL'],
  models: [{ name: 'naive' }, { name: 'ewma' }, { name: 'har' }, lstm],
  folds: planFolds({ date: frame.date, from: day(700), to: day(799), refit: 'monthly' }),
  horizon: 1,
  seed: 11,
}

const foldTask: FoldTask = {
  spec: { name: 'ewma' },
  frames: [frame],
  symbols: ['POOL'],
  fold: plan.folds[0] as FoldTask['fold'],
  horizon: 1,
  seed: 11,
}

const finalTask: FinalFitTask = {
  spec: lstm,
  frames: [frame],
  symbol: 'POOL',
  span: { from: day(0), to: day(799) },
  horizon: 1,
  seed: 11,
}

/** Long enough to be caught in the middle. */
const endless: FinalFitTask = {
  ...finalTask,
  spec: { name: 'lstm', options: { ...SMALL_LSTM, epochs: 100_000, patience: 100_000 } },
}

describe.each([1, 2])('a pool of %i thread(s)', (threads) => {
  let pool: TaskPool
  beforeAll(() => {
    pool = createTaskPool(threads)
  })
  afterAll(() => pool.close())

  test('backtests with the bits of this thread', async () => {
    const [pooled, here] = await Promise.all([
      walkForward(plan, { execute: pool.executeFold }),
      walkForward(plan, { execute: async (task) => runFoldTask(task) }),
    ])
    expect(pooled).toStrictEqual<WalkForwardResult>(here)
  })

  test('fits with the bits of this thread', async () => {
    expect(await pool.finalFit(finalTask)).toStrictEqual(await runFinalFit(finalTask))
  })

  test('hands an operational failure over with its code, message and details', async () => {
    const short = { ...finalTask, span: { from: day(0), to: day(300) } }
    await expect(pool.finalFit(short)).rejects.toMatchObject({
      name: 'TickerflowError',
      code: 'DATA_INSUFFICIENT',
      message: expect.stringMatching(/lstm.*needs at least 250 sessions of POOL/),
      details: { symbol: 'POOL', needed: 250, rows: expect.any(Number) },
    })
    const unknown = pool.executeFold({ ...foldTask, spec: { name: 'oracle' } })
    await expect(unknown).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { model: 'oracle' },
    })
  })

  test('hands a bug over as what it is, and goes on', async () => {
    const lost = pool.executeFold({ ...foldTask, symbols: ['LOST'] })
    await expect(lost).rejects.toThrow(/No frame of LOST/)
    await expect(lost).rejects.not.toHaveProperty('code', expect.any(String))
    expect(await pool.executeFold(foldTask)).toStrictEqual(runFoldTask(foldTask))
  })
})

describe('work that is interrupted', () => {
  test('before it starts', async () => {
    const pool = createTaskPool(1)
    const stopped = pool.executeFold(foldTask, AbortSignal.abort())
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await pool.close()
  })

  test('in the middle, with what still waits', async () => {
    const pool = createTaskPool(1)
    await pool.executeFold(foldTask) // Now the worker runs, and the next task starts at once.
    const controller = new AbortController()
    const works = [endless, endless].map((task) => pool.finalFit(task, controller.signal))
    const ends = Promise.allSettled(works)
    await new Promise((resolve) => setTimeout(resolve, 150))
    controller.abort()
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'INTERRUPTED' } })
    }
    await pool.close()
  })
})
