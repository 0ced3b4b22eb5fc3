import { describe, expect, test } from 'vitest'
import { readSampleBars } from '../market/providers/sample.ts'
import { formatDay, parseIsoDate, weekdayOf } from '../market/trading-date.ts'
import { evaluationSpan } from './evaluation-span.ts'

/** The first `sessions` weekdays from a day on. */
function weekdays(first: string, sessions: number): Int32Array {
  const date = new Int32Array(sessions)
  let day = (parseIsoDate(first) as number) - 1
  for (let i = 0; i < sessions; i++) {
    do day++
    while (weekdayOf(day) % 6 === 0)
    date[i] = day
  }
  return date
}

function spanOf(date: Int32Array, given: { from?: string; to?: string } = {}): string[] {
  const { from, to } = evaluationSpan(date, given)
  return [formatDay(from), formatDay(to)]
}

describe('left to itself, the test', () => {
  test.each(['AAPL', 'MSFT', 'IBM'])('of the sample %s runs from 2005 to 2012', async (symbol) => {
    const { date } = await readSampleBars(symbol)
    expect(spanOf(date)).toEqual(['2005-01-01', '2012-12-31'])
  })

  test('of a series since 1990 begins with the first New Year after 1,200 sessions', () => {
    const date = weekdays('1990-01-01', 8000)
    expect(formatDay(date[1200] as number)).toBe('1994-08-08')
    expect(spanOf(date)[0]).toBe('1995-01-01')
  })

  test('begins at once when a year after the next New Year is not there', () => {
    const date = weekdays('2010-01-01', 1000)
    const [from, to] = spanOf(date)
    expect(from).toBe(formatDay(date[800] as number))
    expect(to).toBe(formatDay(date[999] as number))
  })

  test('begins after 60 % of a series of middling length', () => {
    const date = weekdays('2010-01-04', 1600)
    expect(formatDay(date[960] as number)).toBe('2013-09-09')
    expect(spanOf(date)[0]).toBe('2014-01-01')
  })

  test('begins on New Year itself where the history reaches it exactly', () => {
    const date = weekdays('2000-05-29', 3000)
    expect(formatDay(date[1200] as number)).toBe('2005-01-03')
    expect(spanOf(date)[0]).toBe('2005-01-01')
    expect(spanOf(date.subarray(1))[0]).toBe('2006-01-01')
  })

  test.each([
    [125, '2011-12-31'],
    [126, 'the last session'],
  ])('leaves a last year with %i sessions out, or not: ends at %s', (sessions, end) => {
    const all = weekdays('2006-01-02', 3000)
    const newYear = all.findIndex((day) => formatDay(day) >= '2012-01-01')
    const date = all.slice(0, newYear + sessions)
    const last = formatDay(date.at(-1) as number)
    expect(spanOf(date)[1]).toBe(end === 'the last session' ? last : end)
  })

  test('keeps a short last year in which it begins', () => {
    const date = weekdays('2010-01-04', 810)
    expect(spanOf(date)).toEqual([800, 809].map((row) => formatDay(date[row] as number)))
  })
})

describe('days that are given', () => {
  const date = weekdays('2000-01-03', 3000)

  test('are taken as they are', () => {
    expect(spanOf(date, { from: '2004-05-06', to: '2007-08-09' })).toEqual([
      '2004-05-06',
      '2007-08-09',
    ])
  })

  test('one alone leaves the other to the rule', () => {
    const [from, to] = spanOf(date) as [string, string]
    expect(spanOf(date, { from: '2009-03-02' })).toEqual(['2009-03-02', to])
    expect(spanOf(date, { to: '2006-06-30' })).toEqual([from, '2006-06-30'])
  })

  test('in the short last year keep it', () => {
    const short = date.slice(
      0,
      date.findIndex((day) => formatDay(day) >= '2010-02-01'),
    )
    expect(spanOf(short, { from: '2010-01-11' })).toEqual(['2010-01-11', '2010-01-29'])
  })

  test('make a series testable that is too short for the rule', () => {
    const short = weekdays('2010-01-04', 500)
    expect(spanOf(short, { from: '2011-06-01' })[0]).toBe('2011-06-01')
  })
})

function refusal(date: Int32Array, given: { from?: string; to?: string } = {}): unknown {
  try {
    return evaluationSpan(date, given)
  } catch (error) {
    return error
  }
}

describe('what cannot be tested is refused', () => {
  const date = weekdays('2000-01-03', 3000)

  test.each([0, 10, 800])('a history of %i sessions, with how many it takes', (sessions) => {
    const error = refusal(weekdays('2010-01-04', sessions))
    expect(error).toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringMatching(new RegExp(`has ${sessions} sessions.*more than 800`)),
      details: { rows: sessions, needed: 801 },
    })
  })

  test.each([
    ['of a weekend', { from: '2005-01-08', to: '2005-01-09' }],
    ['after the series', { from: '2030-01-01' }],
    ['before the series', { from: '1990-01-01', to: '1990-12-31' }],
  ])('a span %s, with the span of the series and the flags', (_, given) => {
    expect(refusal(date, given)).toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringMatching(/runs from 2000-01-03 to 2011-07-01.*--from.*--to/),
    })
  })

  test('a span that ends before it begins', () => {
    expect(refusal(date, { from: '2006-01-01', to: '2005-01-01' })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/ends on 2005-01-01, before it begins on 2006-01-01/),
    })
  })

  test.each(['2005-02-30', 'yesterday', '2005-1-1'])('%s, which is no date', (text) => {
    for (const given of [{ from: text }, { to: text }]) {
      expect(refusal(date, given)).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`'${text}'`),
      })
    }
  })
})
