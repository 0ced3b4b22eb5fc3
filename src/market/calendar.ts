/** The calendars to choose from: `--calendar nyse | weekdays | data`. */

import { createNyseCalendar } from './nyse-calendar.ts'
import { type CalendarKind, calendarFrom, type TradingCalendar } from './trading-calendar.ts'
import { dayOfInstant, weekdayOf } from './trading-date.ts'

const MS_PER_DAY = 86_400_000

export const CALENDAR_KINDS: readonly CalendarKind[] = ['nyse', 'weekdays', 'data']

/**
 * The calendar of a kind.
 *
 * @param bars Only `data` reads them: their dates are its sessions.
 * @throws {RangeError} For `data` without bars.
 */
export function createCalendar(
  kind: CalendarKind,
  bars?: { readonly date: Int32Array },
): TradingCalendar {
  switch (kind) {
    case 'nyse':
      return createNyseCalendar()
    case 'weekdays':
      return createWeekdayCalendar()
    case 'data':
      if (bars === undefined || bars.date.length === 0) {
        throw new RangeError("The calendar 'data' needs bars: their dates are its sessions")
      }
      return createDataCalendar(bars.date)
  }
}

/** Monday to Friday; a session is its UTC day, since no exchange is known. */
function createWeekdayCalendar(): TradingCalendar {
  return calendarFrom({
    kind: 'weekdays',
    firstDay: Number.NEGATIVE_INFINITY,
    isSession: isWeekday,
    openTime: startOfDay,
    closeTime: endOfDay,
    localDay: dayOfInstant,
  })
}

/** The dates of the data; before and after them, Monday to Friday. None of them is ever missing. */
function createDataCalendar(date: Int32Array): TradingCalendar {
  const sessions = new Set(date)
  const first = date.reduce((least, day) => Math.min(least, day))
  const last = date.reduce((most, day) => Math.max(most, day))
  const calendar = calendarFrom({
    kind: 'data',
    firstDay: first,
    isSession: (day) => (day < first || day > last ? isWeekday(day) : sessions.has(day)),
    openTime: startOfDay,
    closeTime: endOfDay,
    localDay: dayOfInstant,
  })
  const lastCompleteSession = (instantMs: number) =>
    Math.min(calendar.lastCompleteSession(instantMs), last)
  return { ...calendar, lastCompleteSession }
}

function isWeekday(day: number): boolean {
  const weekday = weekdayOf(day)
  return weekday !== 0 && weekday !== 6
}

function startOfDay(day: number): number {
  return day * MS_PER_DAY
}

function endOfDay(day: number): number {
  return (day + 1) * MS_PER_DAY
}
