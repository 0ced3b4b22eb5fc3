import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateBars, withAnotherFuture } from '../../test/simulated-bars.ts'
import { TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { frameColumn } from '../features/feature-frame.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { sliceBars } from '../market/create-bars.ts'
import { exp, log } from '../numerics/elementary.ts'
import { createRandom } from '../numerics/random.ts'
import type { Backtest, FoldSpan, ForecastTrack } from './backtest.ts'
import { type FoldExecutor, type FoldTask, runFoldTask } from './fold-task.ts'
import { planFolds } from './folds.ts'
import {
  modelLabel,
  type WalkForward,
  type WalkForwardProgress,
  walkForward,
} from './walk-forward.ts'

const SMALL_LSTM = {
  windowLength: 4,
  hiddenSizes: [3],
  epochs: 1,
  seeds: 1,
  validationSessions: 80,
}
const SESSIONS = 1000
const FIRST_TEST_ROW = 640

const bars = simulateBars({ sessions: SESSIONS, seed: 'walk', symbol: 'WALK' })
const frame = buildFeatureFrame(bars)
const other = buildFeatureFrame(
  simulateBars({ sessions: SESSIONS, seed: 'other', symbol: 'OTHER' }),
)
const cheap: ForecasterSpec[] = [{ name: 'naive' }, { name: 'ewma' }, { name: 'har' }]
const lstm: ForecasterSpec = { name: 'lstm', options: SMALL_LSTM }

const inProcess: FoldExecutor = async (task, signal) => runFoldTask(task, signal)

function planOf(given: Partial<WalkForward> = {}): WalkForward {
  const date = frame.date
  const [from, to] = [date[FIRST_TEST_ROW] as number, date[SESSIONS - 1] as number]
  return {
    frames: [frame],
    symbols: ['WALK'],
    models: cheap,
    folds: planFolds({ date, from, to, refit: 'quarterly' }),
    horizon: 1,
    seed: 5,
    ...given,
  }
}

async function backtestOf(given: Partial<WalkForward> = {}): Promise<Backtest> {
  const { backtests } = await walkForward(planOf(given), { execute: inProcess })
  return backtests[0] as Backtest
}

describe('a walk-forward backtest', () => {
  test('has one row for each test day whose outcome is known, the same for all models', async () => {
    const { date, fold, folds, tracks } = await backtestOf()
    expect(date).toEqual(frame.date.slice(FIRST_TEST_ROW, SESSIONS - 1))
    expect(tracks.map(({ model }) => model)).toEqual(['naive', 'ewma', 'har'])
    for (const track of tracks) expect(track.scale.length).toBe(date.length)
    date.forEach((day, row) => {
      const { testFrom, testTo } = folds[fold[row] as number] as FoldSpan
      expect(testFrom <= day && day <= testTo).toBe(true)
    })
  })

  test.each([1, 5])('sets forecasts over %i session(s) beside what happened', async (horizon) => {
    const { date, referenceClose, outcome, varianceProxy } = await backtestOf({ horizon })
    expect(date.length).toBe(SESSIONS - FIRST_TEST_ROW - horizon)
    const variance = frameColumn(frame, 'logRangeVariance1').map(exp)
    referenceClose.forEach((close, i) => {
      const row = FIRST_TEST_ROW + i
      expect(close).toBe(bars.close[row])
      expect(outcome[i]).toBe(log((bars.close[row + horizon] as number) / close))
      const realised = variance.subarray(row + 1, row + 1 + horizon).reduce((a, b) => a + b, 0)
      expect(varianceProxy[i]).toBeCloseTo(realised, 15)
    })
  })

  test("scales prices' errors by the mean absolute change of the fold's own training span", async () => {
    const { naivePriceError, fold, folds } = await backtestOf({ horizon: 5 })
    folds.forEach(({ trainTo }, index) => {
      const end = frame.date.indexOf(trainTo)
      const changes = Array.from({ length: end + 1 - 5 }, (_, row) =>
        Math.abs((bars.close[row + 5] as number) - (bars.close[row] as number)),
      )
      const expected = changes.reduce((a, b) => a + b, 0) / changes.length
      expect(naivePriceError[fold.indexOf(index)]).toBeCloseTo(expected, 12)
    })
  })

  test('forecasts what its model, fitted on the fold, forecasts', async () => {
    const { folds, fold, tracks } = await backtestOf()
    const task = { frames: [frame], symbols: ['WALK'], horizon: 1, seed: 5 }
    const { forecasts } = runFoldTask({
      ...task,
      spec: { name: 'har' },
      fold: folds[2] as FoldSpan,
    })
    const har = tracks[2] as ForecastTrack
    const [first, last] = [fold.indexOf(2), fold.lastIndexOf(2)]
    expect(har.scale.slice(first, last + 1)).toEqual(forecasts[0]?.scale)
    expect(har.degreesOfFreedom[first]).not.toBe(har.degreesOfFreedom[first - 1])
  })

  test('calls two variants of a model by their labels', async () => {
    const models = [{ name: 'ewma', label: 'champion' }, { name: 'ewma' }]
    const { tracks } = await backtestOf({ models })
    expect(tracks.map(({ model }) => model)).toEqual(['champion', 'ewma'])
    expect(tracks[0]?.scale).toEqual(tracks[1]?.scale)
    expect(models.map(modelLabel)).toEqual(['champion', 'ewma'])
  })
})

test('a model with a seed of its own is what it is alone with that seed', async () => {
  const champion = { ...lstm, label: 'champion', seed: 9 }
  const together = await backtestOf({ models: [lstm, champion], seed: 5 })
  const alone = await backtestOf({ models: [lstm], seed: 9 })
  const scaleOf = (backtest: Backtest, model: string) =>
    backtest.tracks.find((track) => track.model === model)?.scale
  expect(scaleOf(together, 'champion')).toEqual(scaleOf(alone, 'lstm'))
  expect(scaleOf(together, 'champion')).not.toEqual(scaleOf(together, 'lstm'))
})

describe('the order in which tasks end', () => {
  /** Runs tasks one after the other, in a random order. */
  function shuffling(seed: number): FoldExecutor {
    const random = createRandom(seed)
    const waiting: (() => void)[] = []
    const runOne = () => {
      const [next] = waiting.splice(random.integer(waiting.length), 1)
      next?.()
      if (waiting.length > 0) setImmediate(runOne)
    }
    return (task) =>
      new Promise((resolve) => {
        if (waiting.length === 0) setImmediate(runOne)
        waiting.push(() => resolve(runFoldTask(task)))
      })
  }

  test.each([1, 2, 3])('changes no bit of the result (order %i)', async (seed) => {
    const models = [...cheap, lstm]
    const frames = [frame, other]
    const plan = planOf({ frames, symbols: ['WALK', 'OTHER'], models })
    const ordered = await walkForward(plan, { execute: inProcess })
    const done: string[] = []
    const shuffled = await walkForward(plan, {
      execute: shuffling(seed),
      onProgress: ({ model, fold }) => done.push(`${model} ${fold.testFrom}`),
    })
    expect(shuffled).toStrictEqual(ordered)
    expect(done.slice(0, plan.folds.length).every((name) => name.startsWith('lstm'))).toBe(false)
  })
})

describe('progress', () => {
  test.each([[cheap], [[...cheap, lstm]]])('grows to 1 with the last task', async (models) => {
    const heard: WalkForwardProgress[] = []
    const plan = planOf({ models, folds: planOf().folds.slice(0, 3) })
    await walkForward(plan, { execute: inProcess, onProgress: (step) => heard.push(step) })
    const fractions = heard.map(({ fraction }) => fraction)
    expect(heard.map(({ done }) => done)).toEqual(heard.map((_, i) => i + 1))
    expect(heard.every(({ total }) => total === models.length * 3)).toBe(true)
    expect(fractions).toEqual([...new Set(fractions)].sort((a, b) => a - b))
    expect(fractions[0]).toBeGreaterThan(0)
    expect(fractions.at(-1)).toBe(1)
  })
})

describe('a pooled model', () => {
  async function tasksOf(given: Partial<WalkForward>): Promise<FoldTask[]> {
    const tasks: FoldTask[] = []
    const execute: FoldExecutor = async (task) => {
      tasks.push(task)
      return runFoldTask(task)
    }
    await walkForward(planOf(given), { execute })
    return tasks
  }

  test('is fitted once per fold on all frames; the others once per fold and symbol', async () => {
    const folds = planOf().folds.slice(0, 2)
    const symbols = ['WALK', 'OTHER']
    const tasks = await tasksOf({
      frames: [frame, other],
      symbols,
      models: [...cheap, lstm],
      folds,
    })
    const pooled = tasks.filter(({ spec }) => spec.name === 'lstm')
    expect(pooled.map((task) => task.symbols)).toEqual([symbols, symbols])
    expect(pooled.every(({ frames }) => frames.length === 2)).toBe(true)
    const own = tasks.filter(({ spec }) => spec.name === 'har')
    expect(own).toHaveLength(4)
    expect(own.every(({ frames, symbols: [one] }) => frames[0]?.symbol === one)).toBe(true)
  })

  test('learns from frames that are not judged', async () => {
    const folds = planOf().folds.slice(0, 1)
    const models = [lstm]
    const alone = await backtestOf({ models, folds })
    const helped = await backtestOf({ models, folds, frames: [frame, other] })
    expect(helped.date).toEqual(alone.date)
    expect(helped.tracks[0]?.scale).not.toEqual(alone.tracks[0]?.scale)
  })

  test('starts first, as the longest task', async () => {
    const folds = planOf().folds.slice(0, 2)
    const tasks = await tasksOf({ models: [...cheap, lstm], folds })
    expect(tasks.slice(0, 2).map(({ spec }) => spec.name)).toEqual(['lstm', 'lstm'])
    expect(tasks[0]?.fold).toBe(folds[1])
  })

  test('reports the epochs of each fold', async () => {
    const plan = planOf({ models: [...cheap, lstm] })
    const { training } = await walkForward(plan, { execute: inProcess })
    expect(training.map(({ model }) => model)).toEqual(plan.folds.map(() => 'lstm'))
    expect(new Set(training.map(({ fold }) => fold))).toEqual(new Set(plan.folds))
    expect(training.every(({ events }) => events.length === 1)).toBe(true)
  })
})

describe('a symbol with too short a history', () => {
  /** Listed 300 sessions before the first test day, so HAR can be fitted only later. */
  const young = buildFeatureFrame(
    sliceBars(simulateBars({ sessions: SESSIONS, seed: 'young', symbol: 'YOUNG' }), 340, SESSIONS),
  )

  test('is left out of the folds that a model cannot be fitted on, for all models', async () => {
    const plan = planOf({ frames: [frame, young], symbols: ['WALK', 'YOUNG'] })
    const { backtests, skipped } = await walkForward(plan, { execute: inProcess })
    const [whole, late] = backtests as [Backtest, Backtest]
    expect(whole.date.length).toBe(SESSIONS - FIRST_TEST_ROW - 1)
    expect(late.date.length).toBeLessThan(whole.date.length)
    expect(late.date[0]).toBe(plan.folds[late.fold[0] as number]?.testFrom)
    expect(skipped.length).toBeGreaterThan(0)
    expect(skipped[0]).toMatch(/(har|ewma) needs at least \d+ sessions of YOUNG.*there are \d+/)
    for (const { scale } of late.tracks) expect(scale.every(Number.isFinite)).toBe(true)
  })

  test('is judged by a pooled model that borrows from the others', async () => {
    const folds = planOf().folds.slice(1, 2)
    const alone = planOf({ frames: [young], symbols: ['YOUNG'], models: [lstm], folds })
    await expect(walkForward(alone, { execute: inProcess })).rejects.toThrow(/YOUNG/)
    const pooled = await backtestOf({
      frames: [young, frame],
      symbols: ['YOUNG'],
      models: [lstm],
      folds,
    })
    expect(pooled.date.length).toBeGreaterThan(50)
  })

  test('that no model can be fitted on is refused with the reason', async () => {
    const plan = planOf({ frames: [young], symbols: ['YOUNG'], folds: planOf().folds.slice(0, 1) })
    await expect(walkForward(plan, { execute: inProcess })).rejects.toThrowError(
      expect.objectContaining({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringMatching(/No day of YOUNG is covered by all models.*needs at least/),
        details: { symbol: 'YOUNG' },
      }),
    )
  })
})

describe('failures', () => {
  test('of another kind than too little data stop the evaluation', async () => {
    const execute: FoldExecutor = async (task) => {
      if (task.spec.name === 'har') throw new TickerflowError('TRAINING_DIVERGED', 'planted')
      return runFoldTask(task)
    }
    await expect(walkForward(planOf(), { execute })).rejects.toThrow('planted')
  })

  test('to find the frame of a symbol are a bug of the caller', async () => {
    await expect(
      walkForward(planOf({ symbols: ['GONE'] }), { execute: inProcess }),
    ).rejects.toThrow(RangeError)
  })
})

test('redrawing all that follows a fold changes no bit of it or of the folds before', async () => {
  const models = [...cheap, { name: 'drift' }, lstm]
  const folds = planOf().folds
  const real = await backtestOf({ models })
  const rows = fc.integer({ min: 0, max: folds.length - 2 })
  await fc.assert(
    fc.asyncProperty(rows, fc.integer(), async (index, seed) => {
      const end = frame.date.indexOf((folds[index] as FoldSpan).testTo)
      const redrawn: FeatureFrame = buildFeatureFrame(withAnotherFuture(bars, end, seed))
      const changed = await backtestOf({ models, frames: [redrawn] })
      const judged = real.fold.lastIndexOf(index) + 1
      expect(judged).toBe(end + 1 - FIRST_TEST_ROW)
      real.tracks.forEach((track, i) => {
        expect(upTo(changed.tracks[i] as ForecastTrack, judged)).toStrictEqual(upTo(track, judged))
      })
      expect(changed.outcome.slice(0, judged - 1)).toEqual(real.outcome.slice(0, judged - 1))
      expect(changed.outcome[judged - 1]).not.toBe(real.outcome[judged - 1])
    }),
    { numRuns: 5 },
  )
})

function upTo(track: ForecastTrack, rows: number): ForecastTrack {
  const { model, location, scale, degreesOfFreedom } = track
  const cut = (column: Float64Array) => column.slice(0, rows)
  return {
    model,
    location: cut(location),
    scale: cut(scale),
    degreesOfFreedom: cut(degreesOfFreedom),
  }
}
