import { expect, test } from 'vitest'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { executeInOrder } from './fold-order.ts'
import type { FoldResult, FoldTask } from './fold-task.ts'

const WARM = { name: 'lstm', options: { warmStartEpochs: 2 } }
const COLD = { name: 'lstm' }

function taskOf(spec: ForecasterSpec, year: number, symbol = 'AAPL'): FoldTask {
  const fold = { trainFrom: 0, trainTo: year, testFrom: year + 1, testTo: year + 2 }
  return { spec, frames: [], symbols: [symbol], fold, horizon: 1, seed: 7 }
}

/** Results that name the fold; the order in which tasks begin, and what each goes on from. */
async function execute(tasks: readonly FoldTask[]) {
  const begun: string[] = []
  const results = await executeInOrder(tasks, async ({ fold, symbols, initial, spec }) => {
    const name = `${symbols} ${fold.trainTo}`
    begun.push(`${name} after ${initial?.state ?? 'nothing'}`)
    await new Promise((resolve) => setImmediate(resolve))
    const saved = { model: 'lstm', horizon: 1, state: name }
    return { forecasts: [], training: [], ...(spec === WARM ? { saved } : {}) } as FoldResult
  })
  return { begun, results }
}

test('each warm fold goes on from the one before it of its symbol, in whatever order they come', async () => {
  const tasks = [
    taskOf(WARM, 3),
    taskOf(WARM, 1),
    taskOf(WARM, 2, 'IBM'),
    taskOf(WARM, 2),
    taskOf(WARM, 1, 'IBM'),
  ]
  const { begun, results } = await execute(tasks)
  expect(begun.toSorted()).toEqual([
    'AAPL 1 after nothing',
    'AAPL 2 after AAPL 1',
    'AAPL 3 after AAPL 2',
    'IBM 1 after nothing',
    'IBM 2 after IBM 1',
  ])
  expect(results.map(({ saved }) => saved?.state)).toEqual([
    'AAPL 3',
    'AAPL 1',
    'IBM 2',
    'AAPL 2',
    'IBM 1',
  ])
})

test('other folds begin at once, and from nothing', async () => {
  const { begun } = await execute([taskOf(COLD, 3), taskOf(COLD, 1), taskOf(COLD, 2)])
  expect(begun).toEqual(['AAPL 3 after nothing', 'AAPL 1 after nothing', 'AAPL 2 after nothing'])
})
