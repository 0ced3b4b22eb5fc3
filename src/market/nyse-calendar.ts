/**
 * The New York Stock Exchange's sessions, by rule and list.
 *
 * The rules give every session of US stocks since December 1980; Nasdaq keeps the same days. Days
 * before are extrapolated (holidays then were others) and days far ahead assume that the rules stay.
 */

import { createTimeZone } from './time-zone.ts'
import { type CalendarRules, calendarFrom, type TradingCalendar } from './trading-calendar.ts'
import { dayFromParts, parseIsoDate, weekdayOf, yearOf } from './trading-date.ts'

const SUNDAY = 0
const MONDAY = 1
const THURSDAY = 4
const SATURDAY = 6
const OPEN_MINUTE = 9 * 60 + 30
const REGULAR_CLOSE_MINUTE = 16 * 60
const EARLY_CLOSE_MINUTE = 13 * 60

const MOST_TIMES = 10_000
const MOST_YEARS = 1_000

const FIRST_VERIFIED = '1980-12-12'
const MARTIN_LUTHER_KING_DAY_SINCE = 1998
const JUNETEENTH_SINCE = 2022

/** Closures that no rule gives: days of mourning, two hurricanes, the attacks of 2001. */
const SPECIAL_CLOSURES = [
  '1985-09-27',
  '1994-04-27',
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
]

export function createNyseCalendar(): TradingCalendar {
  const newYork = createTimeZone('America/New_York')
  const isSession = createSessionRule()
  const openTime = remembered((day) => newYork.instantOf(day, OPEN_MINUTE))
  const closeTime = remembered((day) => newYork.instantOf(day, closeMinute(day)))
  const firstDay = isoDay(FIRST_VERIFIED)
  const localDay = newYork.localDay
  return calendarFrom({ kind: 'nyse', firstDay, isSession, openTime, closeTime, localDay })
}

/** Every request asks for the times of a few days, and the time zone takes 10 µs for each. */
function remembered(timeOf: (day: number) => number): (day: number) => number {
  const known = new Map<number, number>()
  return (day) => {
    const before = known.get(day)
    if (before !== undefined) return before
    if (known.size >= MOST_TIMES) known.clear()
    const time = timeOf(day)
    known.set(day, time)
    return time
  }
}

/**
 * The holidays of a year on weekdays, in order, special closures included.
 *
 * Source: the exchange's Rule 7.2 and its published lists of closures.
 */
export function nyseClosures(year: number): number[] {
  const closures = [
    newYearsDay(year),
    year >= MARTIN_LUTHER_KING_DAY_SINCE
      ? nthWeekday(year, 1, { weekday: MONDAY, n: 3 })
      : undefined,
    nthWeekday(year, 2, { weekday: MONDAY, n: 3 }),
    easterSunday(year) - 2,
    lastMondayOfMay(year),
    year >= JUNETEENTH_SINCE ? observed(partsDay(year, 6, 19)) : undefined,
    observed(partsDay(year, 7, 4)),
    nthWeekday(year, 9, { weekday: MONDAY, n: 1 }),
    thanksgiving(year),
    observed(partsDay(year, 12, 25)),
    ...SPECIAL_CLOSURES.filter((date) => date.startsWith(`${year}-`)).map(isoDay),
  ]
  return closures.filter((day) => day !== undefined).sort((a, b) => a - b)
}

/** Remembers the closures of every year it was asked about, so that walking through days is fast. */
function createSessionRule(): CalendarRules['isSession'] {
  const closures = new Map<number, ReadonlySet<number>>()
  const closedIn = (year: number): ReadonlySet<number> => {
    const known = closures.get(year)
    if (known !== undefined) return known
    const closed = new Set(nyseClosures(year))
    if (closures.size >= MOST_YEARS) closures.clear()
    closures.set(year, closed)
    return closed
  }
  let from = 0
  let to = -1
  let closed: ReadonlySet<number> = new Set()
  return (day) => {
    const weekday = weekdayOf(day)
    if (weekday === SUNDAY || weekday === SATURDAY) return false
    if (day < from || day > to) {
      const year = yearOf(day)
      from = partsDay(year, 1, 1)
      to = partsDay(year, 12, 31)
      closed = closedIn(year)
    }
    return !closed.has(day)
  }
}

/** 13:00 on the day after Thanksgiving, on 24 December and on 3 July, otherwise 16:00. */
function closeMinute(day: number): number {
  const year = yearOf(day)
  const early = [thanksgiving(year) + 1, partsDay(year, 12, 24), partsDay(year, 7, 3)]
  return early.includes(day) ? EARLY_CLOSE_MINUTE : REGULAR_CLOSE_MINUTE
}

/** Moves from Sunday to Monday; on a Saturday there is no holiday. */
function newYearsDay(year: number): number | undefined {
  const day = partsDay(year, 1, 1)
  if (weekdayOf(day) === SATURDAY) return undefined
  return weekdayOf(day) === SUNDAY ? day + 1 : day
}

/** Saturday's holiday is kept on Friday, Sunday's on Monday. */
function observed(day: number): number {
  if (weekdayOf(day) === SATURDAY) return day - 1
  return weekdayOf(day) === SUNDAY ? day + 1 : day
}

function thanksgiving(year: number): number {
  return nthWeekday(year, 11, { weekday: THURSDAY, n: 4 })
}

function lastMondayOfMay(year: number): number {
  const last = partsDay(year, 5, 31)
  return last - ((weekdayOf(last) - MONDAY + 7) % 7)
}

function nthWeekday(
  year: number,
  month: number,
  { weekday, n }: { readonly weekday: number; readonly n: number },
): number {
  const first = partsDay(year, month, 1)
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1)
}

/** Source: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8). */
function easterSunday(year: number): number {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const sum = h + l - 7 * m + 114
  return partsDay(year, Math.floor(sum / 31), (sum % 31) + 1)
}

function partsDay(year: number, month: number, dayOfMonth: number): number {
  return dayFromParts(year, month, dayOfMonth) ?? Number.NaN
}

function isoDay(date: string): number {
  return parseIsoDate(date) ?? Number.NaN
}
