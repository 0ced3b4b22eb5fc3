import { describe, expect, test } from 'vitest'

import { formatDay } from '../trading-date.ts'
import { dateReaderFor, dayMonthOrder, isNumericDate, numericDateReader } from './csv-date.ts'

describe('dateReaderFor', () => {
  test.each([
    ['2013-03-01', '2013-03-01'],
    ['2013/3/1', '2013-03-01'],
    ['2013.03.01', '2013-03-01'],
    ['20130301', '2013-03-01'],
    ['2013-03-01 00:00:00-05:00', '2013-03-01'],
    ['2013-03-01T00:00:00.000Z', '2013-03-01'],
    ['Nov 20, 2026', '2026-11-20'],
    ['November 20, 2026', '2026-11-20'],
    ['20 Nov 2026', '2026-11-20'],
    ['20-Nov-2026', '2026-11-20'],
    ['1362148200', '2013-03-01'],
    ['1362148200000', '2013-03-01'],
  ])('reads %j as %s', (text, date) => {
    const day = dateReaderFor(text)?.(text)
    expect(day === undefined ? undefined : formatDay(day)).toBe(date)
  })

  test.each(['2013-02-30', '41334', '03/01/2013', '1-Mar-13', 'today', '', '2013-13-01'])(
    'has no reader for %j',
    (text) => {
      expect(dateReaderFor(text)).toBeUndefined()
    },
  )
})

describe('numeric dates', () => {
  test('a number above 12 shows which one is the day', () => {
    expect(dayMonthOrder(['03/01/2013', '03/13/2013'], undefined)).toBe('month-first')
    expect(dayMonthOrder(['01.03.2013', '13.03.2013'], undefined)).toBe('day-first')
  })

  test('without such a number the preferred order holds, and without a preference none', () => {
    expect(dayMonthOrder(['03/01/2013'], 'month-first')).toBe('month-first')
    expect(dayMonthOrder(['03/01/2013'], undefined)).toBeUndefined()
  })

  test('dates that contradict each other have no order', () => {
    expect(dayMonthOrder(['03/13/2013', '13/03/2013'], 'month-first')).toBeUndefined()
  })

  test('are read in the order given, and refused when they do not exist', () => {
    expect(numericDateReader('month-first')('03/01/2013')).toBe(15765)
    expect(numericDateReader('day-first')('1-3-2013')).toBe(15765)
    expect(numericDateReader('month-first')('02/30/2013')).toBeUndefined()
    expect(isNumericDate('03/01/2013')).toBe(true)
    expect(isNumericDate('2013-03-01')).toBe(false)
  })
})
