import { expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { type FoldForecasts, type FoldTask, runFoldTask } from './fold-task.ts'

const frame = buildFeatureFrame(simulateBars({ sessions: 800, seed: 'fold', symbol: 'FOLD' }))
const short = buildFeatureFrame(simulateBars({ sessions: 760, seed: 'short', symbol: 'SHORT' }))
const day = (row: number) => frame.date[row] as number
const SMALL_LSTM = {
  windowLength: 4,
  hiddenSizes: [3],
  epochs: 2,
  seeds: 2,
  validationSessions: 80,
}

function taskOf(given: Partial<FoldTask> = {}): FoldTask {
  return {
    spec: { name: 'ewma' },
    frames: [frame],
    symbols: ['FOLD'],
    fold: { trainFrom: day(0), trainTo: day(699), testFrom: day(700), testTo: day(749) },
    horizon: 1,
    seed: 1,
    ...given,
  }
}

const lstmTask = (given: Partial<FoldTask> = {}) =>
  taskOf({ spec: { name: 'lstm', options: SMALL_LSTM }, ...given })

test('forecasts every test day of every symbol, by row of its own frame', () => {
  const task = lstmTask({ frames: [frame, short], symbols: ['FOLD', 'SHORT'] })
  const { forecasts, skipped } = runFoldTask(task)
  const [own, other] = forecasts as [FoldForecasts, FoldForecasts]
  expect(skipped).toBeUndefined()
  expect([own.symbol, own.from, own.scale.length]).toEqual(['FOLD', 700, 50])
  expect([other.symbol, other.from, other.scale.length]).toEqual(['SHORT', 700, 50])
  expect(own.scale.every((scale) => scale > 0)).toBe(true)
})

test('has no forecasts of days on which a symbol does not trade', () => {
  const fold = { ...taskOf().fold, testFrom: day(765), testTo: day(790) }
  const { forecasts } = runFoldTask(
    lstmTask({ frames: [frame, short], symbols: ['FOLD', 'SHORT'], fold }),
  )
  expect(forecasts.map(({ scale }) => scale.length)).toEqual([26, 0])
})

test('leaves NaN where the lookback is not filled', () => {
  const fold = { trainFrom: day(0), trainTo: day(749), testFrom: day(240), testTo: day(259) }
  const { forecasts } = runFoldTask(taskOf({ fold }))
  const missing = Array.from(forecasts[0]?.scale ?? [], Number.isNaN)
  expect(missing).toEqual(Array.from({ length: 20 }, (_, i) => i < 10))
})

test('gives the same bits again, and others for another seed or fold', () => {
  const first = runFoldTask(lstmTask())
  expect(runFoldTask(lstmTask())).toStrictEqual(first)
  expect(runFoldTask(lstmTask({ seed: 2 })).training).not.toEqual(first.training)
  const fold = { ...taskOf().fold, testFrom: day(705) }
  expect(runFoldTask(lstmTask({ fold })).training).not.toEqual(first.training)
})

test('tells the epochs of every network of an ensemble', () => {
  const { training } = runFoldTask(lstmTask())
  expect(training.map(({ member, epoch }) => [member, epoch])).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
  ])
  expect(training.every((event) => Object.values(event).every(Number.isFinite))).toBe(true)
})

test('skips a fold with too little to learn from, and says what was missing', () => {
  const fold = { ...taskOf().fold, trainFrom: day(650) }
  const { forecasts, skipped } = runFoldTask(taskOf({ fold }))
  expect(forecasts).toEqual([])
  expect(skipped).toMatch(/ewma needs at least 60 sessions of FOLD.*there are 49/)
})

test('stops when its signal is aborted', () => {
  expect(() => runFoldTask(lstmTask(), AbortSignal.abort())).toThrowError(
    expect.objectContaining({ code: 'INTERRUPTED' }),
  )
})

test('lets every other failure out', () => {
  expect(() => runFoldTask(taskOf({ spec: { name: 'oracle' } }))).toThrowError(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  )
  const lost = lstmTask({ symbols: ['FOLD', 'LOST'] })
  expect(() => runFoldTask(lost)).toThrow(/No frame of LOST/)
})
