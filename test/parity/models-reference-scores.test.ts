/**
 * The classical models on real prices reach the scores of an independent implementation (PyTorch
 * and arch): next session of AAPL, tests 2005 to 2012, refitted every year.
 */
import { expect, test } from 'vitest'
import { runFoldTask } from '../../src/evaluation/fold-task.ts'
import { planFolds } from '../../src/evaluation/folds.ts'
import { judge } from '../../src/evaluation/judgement.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'

const TOLERANCE = 0.003
const BASIS_POINTS = 1e4

const reference = [
  { model: 'ewma', crps: 123.6, nll: -2.4323, coverage80: 0.792, coverage95: 0.951 },
  { model: 'garch', crps: 123.67, nll: -2.4308, coverage80: 0.799, coverage95: 0.949 },
  { model: 'har', crps: 122.95, nll: -2.4491, coverage80: 0.782, coverage95: 0.951 },
]

const frame = buildFeatureFrame(await readSampleBars('AAPL'))
const folds = planFolds({
  date: frame.date,
  from: parseIsoDate('2005-01-01') ?? Number.NaN,
  to: parseIsoDate('2012-12-31') ?? Number.NaN,
  refit: 'yearly',
})
const models = reference.map(({ model }) => ({ name: model }))
const { backtests } = await walkForward(
  { frames: [frame], symbols: ['AAPL'], models, folds, horizon: 1, seed: 1 },
  { execute: async (task) => runFoldTask(task) },
)
const scores = backtests.map((backtest) => judge(backtest).scores)[0] ?? {}

test('there are 8 years with 2,013 test days', () => {
  expect(folds).toHaveLength(8)
  expect(backtests[0]?.date).toHaveLength(2013)
})

test.each(reference)('$model reaches its reference scores', (expected) => {
  const actual = scores[expected.model]
  expect(actual).toBeDefined()
  expect(actual?.n).toBe(2013)
  expect(off((actual?.crps ?? Number.NaN) * BASIS_POINTS, expected.crps)).toBeLessThan(TOLERANCE)
  expect(off(actual?.nll ?? Number.NaN, expected.nll)).toBeLessThan(TOLERANCE)
  expect(actual?.coverage80).toBeCloseTo(expected.coverage80, 2)
  expect(actual?.coverage95).toBeCloseTo(expected.coverage95, 2)
})

function off(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1)
}
