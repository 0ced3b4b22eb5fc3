import { expect, test } from 'vitest'
import { madeBacktest } from '../../../test/integration/report-fixture.ts'
import { scoreTrack } from '../../evaluation/scores.ts'
import { foldScores, foldSteps } from './fold-scores.ts'

const backtest = madeBacktest(600)

test("the folds' scores, weighed by their days, are those of the whole backtest", () => {
  const folds = foldScores(backtest)
  expect(folds.length).toBeGreaterThan(1)
  for (const track of backtest.tracks) {
    const whole = scoreTrack(backtest, track)
    const parts = folds.map(({ scores }) => scores[track.model] ?? whole)
    const days = parts.reduce((sum, { n }) => sum + n, 0)
    expect(days).toBe(whole.n)
    for (const name of ['crps', 'nll', 'mae', 'coverage80'] as const) {
      const mean = parts.reduce((sum, part) => sum + part[name] * part.n, 0) / days
      expect(mean).toBeCloseTo(whole[name], 10)
    }
  }
})

test('a fold without a judged day has no scores', () => {
  const [first, ...others] = backtest.folds
  if (first === undefined) throw new Error('No folds')
  const later = { ...first, testFrom: 90_000, testTo: 90_001 }
  expect(foldScores({ ...backtest, folds: [first, ...others, later] })).toHaveLength(
    backtest.folds.length,
  )
})

test('steps are test years where these tell folds apart, else indices', () => {
  const span = (testFrom: number) => ({ trainFrom: 0, trainTo: 0, testFrom, testTo: testFrom + 1 })
  expect(foldSteps([span(12_800), span(13_200)])).toEqual([2005, 2006])
  expect(foldSteps([span(12_800), span(12_830)])).toEqual([0, 1])
})
