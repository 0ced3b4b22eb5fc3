import { describe, expect, test } from 'vitest'
import { createCalendar } from '../../market/calendar.ts'
import { parseDueRule } from './due-times.ts'

const calendar = createCalendar('nyse')
const at = (text: string) => Date.parse(text)
const spoken = (times: readonly number[]) => times.map((time) => new Date(time).toISOString())
const between = (rule: string, from: string, to: string) =>
  spoken(parseDueRule(rule, calendar).between(at(from), at(to)))

describe('a job that is due after the close', () => {
  test('comes an hour earlier in UTC once daylight saving has begun, and later once it has ended', () => {
    expect(between('close+30m', '2024-03-08T00:00:00Z', '2024-03-12T00:00:00Z')).toEqual([
      '2024-03-08T21:30:00.000Z',
      '2024-03-11T20:30:00.000Z',
    ])
    expect(between('close+30m', '2024-11-01T00:00:00Z', '2024-11-05T00:00:00Z')).toEqual([
      '2024-11-01T20:30:00.000Z',
      '2024-11-04T21:30:00.000Z',
    ])
  })

  test('comes three hours earlier after an early close, and not at all on a holiday', () => {
    expect(between('close', '2024-11-27T00:00:00Z', '2024-12-03T00:00:00Z')).toEqual([
      '2024-11-27T21:00:00.000Z',
      '2024-11-29T18:00:00.000Z',
      '2024-12-02T21:00:00.000Z',
    ])
  })

  test('is not due at the very instant that was looked at before', () => {
    const due = '2024-11-27T21:00:00.000Z'
    expect(between('close', due, '2024-11-29T17:59:59.999Z')).toEqual([])
    expect(between('close', '2024-11-27T20:59:59.999Z', due)).toEqual([due])
    expect(parseDueRule('close', calendar).next(at(due))).toBe(at('2024-11-29T18:00:00Z'))
  })

  test('may be due after midnight in London', () => {
    const next = parseDueRule('close+240m', calendar).next(at('2024-01-05T12:00:00Z'))
    expect(next).toBe(at('2024-01-06T01:00:00Z'))
  })
})

describe('a job with a cron pattern', () => {
  test('keeps New York time across both changes of the clock', () => {
    expect(between('0 7 * * 6', '2024-03-05T00:00:00Z', '2024-03-18T00:00:00Z')).toEqual([
      '2024-03-09T12:00:00.000Z',
      '2024-03-16T11:00:00.000Z',
    ])
  })

  test('runs once in the hour that is there twice, and once where its hour is skipped', () => {
    expect(between('30 1 * * *', '2024-11-03T00:00:00Z', '2024-11-04T00:00:00Z')).toHaveLength(1)
    expect(between('30 2 * * *', '2024-03-10T00:00:00Z', '2024-03-11T00:00:00Z')).toHaveLength(1)
  })

  test.each(['whenever', 'close+', '* * * * * *', '61 * * * *'])('is refused as %s', (rule) => {
    expect(() => parseDueRule(rule, calendar)).toThrow(/no time of a schedule/)
  })
})
