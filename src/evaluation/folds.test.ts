import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { labelledRows, lowerBound } from '../features/windows.ts'
import { formatDay, parseIsoDate, weekdayOf } from '../market/trading-date.ts'
import type { FoldSpan } from './backtest.ts'
import { type FoldPlan, planFolds, REFIT_SCHEDULES } from './folds.ts'

const day = (text: string) => parseIsoDate(text) as number

/** Monday to Friday from 2004-01-01 to 2007-12-31. */
const weekdays = Int32Array.from(
  Array.from({ length: 4 * 365 + 1 }, (_, i) => day('2004-01-01') + i).filter(
    (date) => weekdayOf(date) % 6 !== 0,
  ),
)

function plan(given: Partial<FoldPlan>): FoldSpan[] {
  return planFolds({
    date: weekdays,
    from: day('2005-01-01'),
    to: day('2007-12-31'),
    refit: 'yearly',
    ...given,
  })
}

const spoken = ({ trainFrom, trainTo, testFrom, testTo }: FoldSpan) =>
  [trainFrom, trainTo, testFrom, testTo].map(formatDay).join(' ')

test('yearly refits learn from all before New Year and are judged on the year', () => {
  expect(plan({}).map(spoken)).toEqual([
    '2004-01-01 2004-12-31 2005-01-03 2005-12-30',
    '2004-01-01 2005-12-30 2006-01-02 2006-12-29',
    '2004-01-01 2006-12-29 2007-01-01 2007-12-31',
  ])
})

test.each([
  ['yearly', 3],
  ['quarterly', 12],
  ['monthly', 36],
  ['never', 1],
] as const)('a %s refit over three years makes %i folds', (refit, count) => {
  expect(plan({ refit })).toHaveLength(count)
})

test('a span that begins within a quarter is refitted at the next calendar quarter', () => {
  const folds = plan({ refit: 'quarterly', from: day('2005-02-10'), to: day('2005-07-15') })
  expect(folds.map(({ testFrom }) => formatDay(testFrom))).toEqual([
    '2005-02-10',
    '2005-04-01',
    '2005-07-01',
  ])
  expect(folds.map(({ testTo }) => formatDay(testTo)).at(-1)).toBe('2005-07-15')
})

test('a rolling window keeps its length once it is filled', () => {
  const folds = plan({ refit: 'quarterly', rollingSessions: 300 })
  const lengths = folds.map(
    ({ trainFrom, trainTo }) => lowerBound(weekdays, trainTo + 1) - lowerBound(weekdays, trainFrom),
  )
  expect(lengths[0]).toBe(262)
  expect(new Set(lengths.slice(1))).toEqual(new Set([300]))
})

test('an embargo leaves sessions out between training and test', () => {
  const [fold] = plan({ embargoSessions: 5 })
  expect(formatDay(fold?.trainTo ?? 0)).toBe('2004-12-24')
  expect(formatDay(fold?.testFrom ?? 0)).toBe('2005-01-03')
})

test('an embargo does not shorten a rolling window', () => {
  const fold = plan({ rollingSessions: 100, embargoSessions: 10 })[0] as FoldSpan
  const rows = [fold.trainFrom, fold.trainTo, fold.testFrom].map((at) => lowerBound(weekdays, at))
  expect(rows).toEqual([152, 251, 262])
})

test('a first fold with nothing to learn from is left out', () => {
  const folds = plan({ from: day('2004-01-01') })
  expect(folds.map(({ testFrom }) => formatDay(testFrom))).toEqual([
    '2005-01-03',
    '2006-01-02',
    '2007-01-01',
  ])
})

describe('a span without folds is refused with the span of the series', () => {
  test.each([
    ['after the series', { from: day('2009-01-01'), to: day('2009-12-31') }],
    ['before the series', { from: day('2001-01-01'), to: day('2001-12-31') }],
    ['on a weekend', { from: day('2005-01-08'), to: day('2005-01-09') }],
    ['that ends before it begins', { from: day('2006-01-01'), to: day('2005-01-01') }],
    ['with no history before it', { from: day('2004-01-01'), refit: 'never' as const }],
    ['with an embargo longer than the history', { embargoSessions: 5000 }],
  ])('%s', (_, given) => {
    expect(() => plan(given)).toThrowError(
      expect.objectContaining({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringMatching(/2004-01-01 to 2007-12-31.*(--from|embargo)/),
      }),
    )
  })

  test('in a series without sessions', () => {
    expect(() => plan({ date: new Int32Array() })).toThrowError(
      expect.objectContaining({ code: 'DATA_INSUFFICIENT' }),
    )
  })
})

/** Any series, any span, any schedule. */
const anyPlan = fc
  .record({
    gaps: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 30, maxLength: 400 }),
    from: fc.double({ min: 0, max: 0.9, noNaN: true }),
    share: fc.double({ min: 0.05, max: 1, noNaN: true }),
    refit: fc.constantFrom(...REFIT_SCHEDULES),
    rolling: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    embargoSessions: fc.integer({ min: 0, max: 8 }),
  })
  .map(({ gaps, from, share, refit, rolling, embargoSessions }): FoldPlan => {
    let last = day('2003-05-20')
    const date = Int32Array.from(gaps, (gap) => (last += gap))
    const first = date[0] as number
    const start = Math.floor(first + 100 + from * (last - first - 100))
    const to = Math.ceil(start + share * (last - start))
    const rollingSessions = rolling === undefined ? {} : { rollingSessions: rolling }
    return { date, from: start, to, refit, embargoSessions, ...rollingSessions }
  })
  .filter(({ date, from, to }) => lowerBound(date, from) < lowerBound(date, to + 1))
  .filter(({ date, from }) => lowerBound(date, from) > 8)

describe('for any series, span and schedule', () => {
  test('test spans cover every session of the span exactly once', () => {
    fc.assert(
      fc.property(anyPlan, (given) => {
        const { date, from, to } = given
        const judged = planFolds(given).flatMap(({ testFrom, testTo }) => [
          ...date.subarray(lowerBound(date, testFrom), lowerBound(date, testTo + 1)),
        ])
        expect(judged).toEqual([...date.subarray(lowerBound(date, from), lowerBound(date, to + 1))])
      }),
    )
  })

  test('training ends before its embargo, and the embargo before the test', () => {
    fc.assert(
      fc.property(anyPlan, (given) => {
        for (const { trainFrom, trainTo, testFrom } of planFolds(given)) {
          const [first, last, test] = [trainFrom, trainTo, testFrom].map((at) =>
            lowerBound(given.date, at),
          ) as [number, number, number]
          expect(test - last).toBe(1 + (given.embargoSessions ?? 0))
          const expected = given.rollingSessions ?? Number.POSITIVE_INFINITY
          expect(last - first + 1).toBe(Math.min(expected, last + 1))
        }
      }),
    )
  })

  test('all days of a fold are sessions', () => {
    fc.assert(
      fc.property(anyPlan, (given) => {
        const sessions = new Set(given.date)
        for (const fold of planFolds(given)) {
          for (const at of Object.values(fold)) expect(sessions.has(at as number)).toBe(true)
        }
      }),
    )
  })
})

describe.each([1, 5, 20])('labels over %i session(s)', (horizon) => {
  const frame = buildFeatureFrame(simulateBars({ sessions: 1400, seed: 'purge' }))
  const from = frame.date[600] as number
  const to = frame.date[1399] as number

  test.each([0, 3])('mature inside the training span, with an embargo of %i', (embargoSessions) => {
    const folds = planFolds({ date: frame.date, from, to, refit: 'quarterly', embargoSessions })
    expect(folds.length).toBeGreaterThan(8)
    for (const { trainFrom, trainTo, testFrom } of folds) {
      const rows = labelledRows(frame, { from: trainFrom, to: trainTo }, horizon)
      const matured = frame.date[rows.to - 1 + horizon] as number
      expect(matured).toBe(trainTo)
      expect(matured).toBeLessThan(testFrom)
      expect(frame.date[rows.to - 1]).toBeLessThan(trainTo)
    }
  })
})
