import { expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { barsBefore, tuningFolds } from './tuning-folds.ts'

const bars = simulateBars({ sessions: 1500, seed: 'tuning' })
const day = (row: number) => bars.date[row] as number
const plan = { folds: 4, foldSessions: 126, horizon: 5, embargoSessions: 3 }

test('no bar of the evaluation span is left', () => {
  const cut = barsBefore(bars, day(1200))
  expect(cut.date.length).toBe(1200)
  expect(cut.date.at(-1)).toBe(day(1199))
})

test('folds follow each other backwards, and the latest outcomes mature before the evaluation', () => {
  const { date } = barsBefore(bars, day(1300))
  const folds = tuningFolds({ date, ...plan })
  expect(folds).toHaveLength(4)
  expect(folds[0]?.testTo).toBe(day(1299 - 5))
  expect(folds[0]?.testFrom).toBe(day(1299 - 5 - 125))
  expect(folds[0]?.trainTo).toBe(day(1299 - 5 - 126 - 3))
  expect(folds[1]?.testTo).toBe(day(1299 - 5 - 126))
})

test('a short history has fewer folds, too short a one is refused with what it needs', () => {
  expect(tuningFolds({ date: barsBefore(bars, day(1000)).date, ...plan })).toHaveLength(2)
  const short = barsBefore(bars, day(700)).date
  expect(() => tuningFolds({ date: short, ...plan })).toThrow(
    /at least 835 sessions.*there are 700/,
  )
})
