import { describe, expect, test } from 'vitest'
import { createCalendar } from '../../market/calendar.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import { isLate } from './lateness.ts'

const nyse = createCalendar('nyse')
const day = (date: string) => parseIsoDate(date) ?? Number.NaN

describe('a forecast is late', () => {
  test.each([
    ['from the opening bell of the next session on', '2012-03-07', '2012-03-08T14:30:00Z', true],
    ['not a moment before', '2012-03-07', '2012-03-08T14:29:59.999Z', false],
    ['an hour earlier once daylight saving has begun', '2012-03-09', '2012-03-12T13:30:00Z', true],
    ['not over a weekend and a holiday', '2012-01-13', '2012-01-17T14:29:59Z', false],
    ['when it looks back on a session long gone', '2012-01-13', '2012-06-01T00:00:00Z', true],
  ])('%s', (_, asOf, issuedAt, expected) => {
    expect(isLate(nyse, day(asOf), Date.parse(issuedAt))).toBe(expected)
  })

  test('at the beginning of the next UTC weekday where no exchange is known', () => {
    const calendar = createCalendar('weekdays')
    const friday = day('2012-01-13')
    expect(isLate(calendar, friday, Date.parse('2012-01-15T23:59:59Z'))).toBe(false)
    expect(isLate(calendar, friday, Date.parse('2012-01-16T00:00:00Z'))).toBe(true)
  })
})
