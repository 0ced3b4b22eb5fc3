/** Days and instants in an exchange's own time zone, daylight saving included. */

import { dayOfInstant } from './trading-date.ts'

const MS_PER_MINUTE = 60_000
const MINUTES_PER_DAY = 1440

export interface TimeZone {
  /** The calendar day of an instant there, as days since 1970-01-01. */
  localDay(instantMs: number): number
  /** The instant of a wall-clock time there, in UTC milliseconds. */
  instantOf(day: number, minuteOfDay: number): number
}

/**
 * @param name An IANA name, such as `America/New_York`.
 * @throws {RangeError} When the runtime does not know the zone.
 */
export function createTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  /** The wall-clock time of an instant, written as if it were UTC, to the minute. */
  const wallClock = (instantMs: number): number => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute)
  }
  return {
    localDay: (instantMs) => dayOfInstant(wallClock(instantMs)),
    instantOf(day, minuteOfDay) {
      const wanted = (day * MINUTES_PER_DAY + minuteOfDay) * MS_PER_MINUTE
      const nearby = 2 * wanted - wallClock(wanted)
      return nearby + wanted - wallClock(nearby)
    },
  }
}
