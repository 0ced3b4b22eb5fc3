/** The pool of worker threads goes on whatever becomes of a task, and says which task it was. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { FoldTask } from '../../src/evaluation/fold-task.ts'
import { createTaskPool, type TaskPool } from '../../src/pipeline/task-pool.ts'

// Threads and processes take their time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const worker = new URL('./task-pool-worker.ts', import.meta.url)
const pools: TaskPool[] = []

function poolOf(threads: number, heapMegabytes = 64): TaskPool {
  const pool = createTaskPool(threads, { worker, heapMegabytes })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function task(name: string): FoldTask {
  const fold = { trainFrom: 0, trainTo: 13_148, testFrom: 13_149, testTo: 13_513 }
  return {
    spec: { name, options: {} } as unknown as FoldTask['spec'],
    frames: [],
    symbols: ['AAPL'],
    fold,
    horizon: 1,
    seed: 1,
  }
}

const DONE = { forecasts: [], training: [] }

describe('a worker that ends before its task is done', () => {
  test.each([
    ['exit', 'exited with code: 3'],
    ['memory', 'memory'],
    ['astray', 'thrown outside of any task'],
  ])(
    'by %s is an error that names model and fold, and queued tasks go on',
    async (name, reason) => {
      const pool = poolOf(1)
      const tasks = ['good', name, 'good'].map((kind) => pool.executeFold(task(kind)))
      const outcomes = await Promise.allSettled(tasks)
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true])
      await expect(tasks[1]).rejects.toMatchObject({
        code: 'WORKER_FAILED',
        message: expect.stringMatching(
          new RegExp(`'${name}' of AAPL, fold 2006-01-01 to 2006-12-31 .*${reason}`),
        ),
      })
      expect(await pool.executeFold(task('good'))).toEqual(DONE)
    },
  )

  test('on two threads leaves the other its work', async () => {
    const pool = poolOf(2)
    const kinds = ['exit', 'good', 'exit', 'good', 'good', 'exit', 'good']
    const outcomes = await Promise.allSettled(kinds.map((kind) => pool.executeFold(task(kind))))
    expect(outcomes.map(({ status }) => status)).toEqual(
      kinds.map((kind) => (kind === 'exit' ? 'rejected' : 'fulfilled')),
    )
  })

  test('in the final fit says so', async () => {
    const { spec, frames, horizon, seed } = task('exit')
    const final = { spec, frames, symbol: 'MSFT', span: { from: 0, to: 1 }, horizon, seed }
    await expect(poolOf(1).finalFit(final)).rejects.toThrow(`'exit' of MSFT, fitted on all data`)
  })
})

test('errors of a task keep their kind', async () => {
  const pool = poolOf(1)
  await expect(pool.executeFold(task('refuse'))).rejects.toMatchObject({
    code: 'DATA_INSUFFICIENT',
  })
  await expect(pool.executeFold(task('bug'))).rejects.toThrow(TypeError)
})

test('an aborted signal ends running and queued tasks, and those of other signals go on', async () => {
  const pool = poolOf(1)
  const controller = new AbortController()
  const { signal } = controller
  const stopped = ['endless', 'good', 'endless'].map((kind) => pool.executeFold(task(kind), signal))
  const other = pool.executeFold(task('good'), new AbortController().signal)
  setTimeout(() => controller.abort(), 200)
  for (const outcome of await Promise.allSettled(stopped)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INTERRUPTED' } })
  }
  expect(await other).toEqual(DONE)
  await expect(pool.executeFold(task('good'), signal)).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(await pool.executeFold(task('good'))).toEqual(DONE)
})

test('a worker file that cannot be loaded is an error, not silence', async () => {
  const pool = createTaskPool(1, { worker: new URL('./no-such-worker.ts', import.meta.url) })
  pools.push(pool)
  await expect(pool.executeFold(task('good'))).rejects.toMatchObject({ code: 'WORKER_FAILED' })
})
