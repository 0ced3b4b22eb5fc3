import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CALENDAR_KINDS, createCalendar } from './calendar.ts'
import { nyseClosures } from './nyse-calendar.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from './providers/sample.ts'
import { sessionAhead } from './trading-calendar.ts'
import { formatDay, parseIsoDate } from './trading-date.ts'

const nyse = createCalendar('nyse')
const day = (date: string) => parseIsoDate(date) as number
const instant = (text: string) => Date.parse(text)
const isoClose = (date: string) => new Date(nyse.closeTime(day(date))).toISOString()

describe('the NYSE calendar', () => {
  test.each(SAMPLE_SYMBOLS)('gives exactly the sessions of %s, 2000 to 2013', async (symbol) => {
    const { date } = await readSampleBars(symbol)
    const sessions = nyse.sessionsBetween(date[0] as number, date.at(-1) as number)
    expect([...sessions]).toEqual([...date])
  })

  test.each([
    ['2022-06-20', 'Juneteenth on a Sunday, kept on Monday'],
    ['2023-06-19', 'Juneteenth'],
    ['2025-01-09', 'a day of mourning'],
    ['2018-12-05', 'a day of mourning'],
    ['2012-10-29', 'hurricane Sandy'],
    ['2001-09-11', 'the attacks'],
    ['1985-09-27', 'hurricane Gloria'],
    ['2023-01-02', 'New Year on a Sunday, kept on Monday'],
    ['2021-12-24', 'Christmas on a Saturday, kept on Friday'],
    ['2022-12-26', 'Christmas on a Sunday, kept on Monday'],
    ['2020-07-03', '4 July on a Saturday, kept on Friday'],
    ['2021-07-05', '4 July on a Sunday, kept on Monday'],
    ['2024-03-29', 'Good Friday'],
    ['2024-05-27', 'Memorial Day'],
    ['2024-09-02', 'Labor Day'],
    ['2026-11-26', 'Thanksgiving'],
    ['2026-01-19', 'Martin Luther King Day'],
    ['2024-02-19', "Washington's Birthday"],
    ['2013-03-02', 'a Saturday'],
  ])('is closed on %s (%s)', (date) => {
    expect(nyse.isSession(day(date))).toBe(false)
  })

  test.each([
    ['2021-12-31', 'before a New Year on a Saturday'],
    ['2021-06-18', 'before there was Juneteenth'],
    ['1997-01-20', 'before there was Martin Luther King Day'],
    ['2025-01-08', 'beside a day of mourning'],
    ['2024-11-29', 'the day after Thanksgiving'],
  ])('is open on %s (%s)', (date) => {
    expect(nyse.isSession(day(date))).toBe(true)
  })

  test.each([
    [2022, 9],
    [2023, 10],
    [2024, 10],
    [2025, 11],
    [2001, 13],
    [1996, 8],
  ])('%d has %d closures on weekdays', (year, count) => {
    expect(nyseClosures(year).length).toBe(count)
  })

  test.each([
    ['2013-01-15', '2013-01-15T21:00:00.000Z', 'winter'],
    ['2013-07-15', '2013-07-15T20:00:00.000Z', 'summer'],
    ['2026-03-06', '2026-03-06T21:00:00.000Z', 'the Friday before the clocks change'],
    ['2026-03-09', '2026-03-09T20:00:00.000Z', 'the Monday after'],
    ['2026-10-30', '2026-10-30T20:00:00.000Z', 'the Friday before they change back'],
    ['2026-11-02', '2026-11-02T21:00:00.000Z', 'the Monday after'],
    ['2026-11-27', '2026-11-27T18:00:00.000Z', 'the day after Thanksgiving, 13:00'],
    ['2026-12-24', '2026-12-24T18:00:00.000Z', 'Christmas Eve, 13:00'],
    ['2025-07-03', '2025-07-03T17:00:00.000Z', '3 July, 13:00'],
    ['2026-07-02', '2026-07-02T20:00:00.000Z', '2 July, regular'],
  ])('closes on %s at %s (%s)', (date, close) => {
    expect(isoClose(date)).toBe(close)
  })

  test('has no closing time on a day without a session', () => {
    expect(() => nyse.closeTime(day('2026-11-26'))).toThrow(RangeError)
  })

  test.each([
    ['2026-11-20T20:59:59Z', '2026-11-19', 'a second before the close'],
    ['2026-11-20T21:00:00Z', '2026-11-20', 'at the close'],
    ['2026-11-22T12:00:00Z', '2026-11-20', 'on Sunday'],
    ['2026-11-24T02:00:00Z', '2026-11-23', 'evening in New York, the next day in UTC'],
    ['2026-11-26T23:00:00Z', '2026-11-25', 'on a holiday'],
    ['2026-11-27T18:30:00Z', '2026-11-27', 'after an early close'],
  ])('the last complete session at %s is %s (%s)', (now, session) => {
    expect(formatDay(nyse.lastCompleteSession(instant(now)))).toBe(session)
  })

  test('steps over weekends and holidays', () => {
    expect(formatDay(nyse.nextSession(day('2001-09-10')))).toBe('2001-09-17')
    expect(formatDay(nyse.previousSession(day('2012-10-31')))).toBe('2012-10-26')
    expect(formatDay(sessionAhead(nyse, day('2013-03-01'), 5))).toBe('2013-03-08')
    expect(nyse.nextSession(day('2013-03-02'))).toBe(day('2013-03-04'))
  })
})

describe('every calendar', () => {
  const start = day('1981-01-02')
  const bars = { date: Int32Array.from([0, 1, 2, 5, 6, 9].map((offset) => start + 3 * offset)) }
  const anyDay = fc.integer({ min: start, max: day('2060-12-31') })

  test.each(CALENDAR_KINDS)('%s: next and previous are strict, sessions, and inverse', (kind) => {
    const calendar = createCalendar(kind, bars)
    fc.assert(
      fc.property(anyDay, (at) => {
        const next = calendar.nextSession(at)
        const previous = calendar.previousSession(at)
        expect(previous < at && at < next).toBe(true)
        expect(calendar.isSession(next) && calendar.isSession(previous)).toBe(true)
        expect(calendar.previousSession(next)).toBe(calendar.isSession(at) ? at : previous)
        expect(calendar.sessionsBetween(previous, next).length).toBe(calendar.isSession(at) ? 3 : 2)
        expect(next - previous).toBeLessThan(14)
      }),
    )
  })

  test.each(CALENDAR_KINDS)('%s: sessions end in order, and are complete exactly then', (kind) => {
    const calendar = createCalendar(kind, bars)
    const limit = kind === 'data' ? (bars.date.at(-2) as number) : day('2060-12-31')
    fc.assert(
      fc.property(fc.integer({ min: start, max: limit }), (at) => {
        const session = calendar.isSession(at) ? at : calendar.nextSession(at)
        const close = calendar.closeTime(session)
        expect(close).toBeLessThan(calendar.closeTime(calendar.nextSession(session)))
        expect(calendar.lastCompleteSession(close)).toBe(session)
        expect(calendar.lastCompleteSession(close - 1)).toBe(calendar.previousSession(session))
      }),
    )
  })
})

describe('the calendar of the data', () => {
  const sessions = ['2026-11-16', '2026-11-17', '2026-11-19', '2026-11-21'].map(day)
  const calendar = createCalendar('data', { date: Int32Array.from(sessions) })

  test('has the sessions of the data, holes and weekends as they are', () => {
    expect([...calendar.sessionsBetween(day('2026-11-16'), day('2026-11-21'))]).toEqual(sessions)
  })

  test('goes on with weekdays', () => {
    expect(formatDay(calendar.nextSession(day('2026-11-21')))).toBe('2026-11-23')
    expect(formatDay(calendar.previousSession(day('2026-11-16')))).toBe('2026-11-13')
  })

  test('its last complete session is never one that the data lacks', () => {
    expect(calendar.lastCompleteSession(instant('2027-06-01T00:00:00Z'))).toBe(day('2026-11-21'))
    expect(calendar.lastCompleteSession(instant('2026-11-18T00:00:00Z'))).toBe(day('2026-11-17'))
  })

  test('cannot be made without bars', () => {
    expect(() => createCalendar('data')).toThrow(RangeError)
    expect(() => createCalendar('data', { date: new Int32Array() })).toThrow(RangeError)
  })
})
