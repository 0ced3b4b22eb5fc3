/** Which days have a session and when it ends: the port that the calendars implement. */

/** `nyse`: New York's rules; `weekdays`: Monday to Friday; `data`: the days that the bars have. */
export type CalendarKind = 'nyse' | 'weekdays' | 'data'

/** All days are counted from 1970-01-01. */
export interface TradingCalendar {
  readonly kind: CalendarKind
  /** The first day that the calendar is known to be right for; before it, it extrapolates. */
  readonly firstDay: number
  isSession(day: number): boolean
  /** The first session after the day. */
  nextSession(day: number): number
  /** The last session before the day. */
  previousSession(day: number): number
  /** The sessions from `from` to `to`, both included, in order. */
  sessionsBetween(from: number, to: number): Int32Array
  /**
   * When the session begins, in UTC milliseconds.
   *
   * @throws {RangeError} When the day has no session.
   */
  openTime(day: number): number
  /**
   * When the session ends, in UTC milliseconds.
   *
   * @throws {RangeError} When the day has no session.
   */
  closeTime(day: number): number
  /** The last session that had ended at the instant (UTC milliseconds). */
  lastCompleteSession(instantMs: number): number
}

/** What differs between calendars; the rest follows from it. */
export interface CalendarRules {
  readonly kind: CalendarKind
  readonly firstDay: number
  readonly isSession: (day: number) => boolean
  /** The beginning and the end of a session, in UTC milliseconds. */
  readonly openTime: (day: number) => number
  readonly closeTime: (day: number) => number
  /** The day of an instant where the exchange is. */
  readonly localDay: (instantMs: number) => number
}

export function calendarFrom(rules: CalendarRules): TradingCalendar {
  const { kind, firstDay, isSession, localDay } = rules
  const walk = (day: number, step: 1 | -1): number => {
    let at = day + step
    while (!isSession(at)) at += step
    return at
  }
  const previousSession = (day: number) => walk(day, -1)
  const onSession = (day: number, time: (day: number) => number): number => {
    if (isSession(day)) return time(day)
    throw new RangeError(`Day ${day} since 1970-01-01 has no session in the ${kind} calendar`)
  }
  return {
    kind,
    firstDay,
    isSession,
    previousSession,
    nextSession: (day) => walk(day, 1),
    sessionsBetween: (from, to) => daysWhere(isSession, from, to),
    openTime: (day) => onSession(day, rules.openTime),
    closeTime: (day) => onSession(day, rules.closeTime),
    lastCompleteSession(instantMs) {
      const today = localDay(instantMs)
      const isOver = isSession(today) && rules.closeTime(today) <= instantMs
      return isOver ? today : previousSession(today)
    },
  }
}

/** The session that lies `count` sessions after the day; `count` 1 is `nextSession`. */
export function sessionAhead(calendar: TradingCalendar, day: number, count: number): number {
  let at = day
  for (let i = 0; i < count; i++) at = calendar.nextSession(at)
  return at
}

function daysWhere(isSession: (day: number) => boolean, from: number, to: number): Int32Array {
  const days = new Int32Array(Math.max(0, to - from + 1))
  let count = 0
  for (let day = from; day <= to; day++) {
    if (isSession(day)) days[count++] = day
  }
  return days.slice(0, count)
}
