import { expect, test } from 'vitest'
import { dayFromParts, formatDay, parseIsoDate } from './trading-date.ts'

test('every day from 1900 to 2100 is read back from its own text', () => {
  const first = dayFromParts(1900, 1, 1) as number
  const last = dayFromParts(2100, 12, 31) as number
  expect([first, last]).toEqual([Date.UTC(1900, 0, 1) / 864e5, Date.UTC(2100, 11, 31) / 864e5])
  for (let day = first; day <= last; day++) {
    if (parseIsoDate(formatDay(day)) !== day)
      expect.fail(`${formatDay(day)} is read as another day`)
  }
})

test.each(['2013-02-29', '1900-02-29', '2013-04-31', '2013-00-10', '2013-13-01', '2013-01-00'])(
  '%s does not exist',
  (text) => {
    expect(parseIsoDate(text)).toBeUndefined()
  },
)

test.each(['2013-1-01', '2013-01-011', '2013/01/01', '20130-1-01', '+013-01-01', '2013-01-0x', ''])(
  "'%s' is no date",
  (text) => {
    expect(parseIsoDate(text)).toBeUndefined()
  },
)

test('the 29 February of a leap year exists', () => {
  expect(parseIsoDate('2000-02-29')).toBe(Date.UTC(2000, 1, 29) / 864e5)
})
