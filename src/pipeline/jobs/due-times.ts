/** When a job is due: so long after each session's close, or by a cron pattern in New York time. */
import { Cron } from 'croner'
import { TickerflowError } from '../../errors.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { dayOfInstant } from '../../market/trading-date.ts'

const AFTER_CLOSE = /^close(?:\+(\d{1,3})m)?$/
const MINUTE_MS = 60_000
const TIME_ZONE = 'America/New_York'
/** Further than any stretch without a session, and than the clocks of the world are apart. */
const MARGIN_DAYS = 2
/** Beyond, times are not asked for one by one. */
const MOST_TIMES = 10_000

export interface DueTimes {
  /** Ascending, after the first and up to the second instant (UTC milliseconds). */
  between(afterMs: number, toMs: number): readonly number[]
  /** The first one after an instant; `undefined` where there is none any more. */
  next(afterMs: number): number | undefined
}

/**
 * @param rule `close`, `close+45m`, or a cron pattern such as `0 7 * * 6`.
 * @throws {TickerflowError} CONFIG_INVALID; says what a rule looks like.
 */
export function parseDueRule(rule: string, calendar: TradingCalendar): DueTimes {
  const [match, minutes = '0'] = AFTER_CLOSE.exec(rule) ?? []
  return match === undefined ? cronTimes(rule) : closeTimes(calendar, Number(minutes) * MINUTE_MS)
}

/** Early closes come earlier, and holidays not at all: the calendar knows both. */
function closeTimes(calendar: TradingCalendar, delayMs: number): DueTimes {
  const between = (afterMs: number, toMs: number): number[] => {
    const from = dayOfInstant(afterMs - delayMs) - MARGIN_DAYS
    const to = dayOfInstant(toMs - delayMs) + MARGIN_DAYS
    return Array.from(
      calendar.sessionsBetween(from, to),
      (day) => calendar.closeTime(day) + delayMs,
    )
      .filter((dueMs) => dueMs > afterMs && dueMs <= toMs)
      .slice(-MOST_TIMES)
  }
  return {
    between,
    next(afterMs) {
      const day = calendar.nextSession(dayOfInstant(afterMs - delayMs) - MARGIN_DAYS)
      let at = day
      while (calendar.closeTime(at) + delayMs <= afterMs) at = calendar.nextSession(at)
      return calendar.closeTime(at) + delayMs
    },
  }
}

function cronTimes(pattern: string): DueTimes {
  const cron = parsedCron(pattern)
  const next = (afterMs: number) => cron.nextRun(new Date(afterMs))?.getTime()
  return {
    next,
    between(afterMs, toMs) {
      const times: number[] = []
      for (let at = next(afterMs); at !== undefined && at <= toMs; at = next(at)) {
        times.push(at)
        if (times.length > MOST_TIMES) times.shift()
      }
      return times
    },
  }
}

function parsedCron(pattern: string): Cron {
  try {
    return new Cron(pattern, { timezone: TIME_ZONE, paused: true, mode: '5-part' })
  } catch (cause) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `'${pattern}' is no time of a schedule. Expected 'close' or 'close+45m' for a time after each ` +
        "session, or a cron pattern of five parts in New York time, such as '0 7 * * 6'.",
      { details: { pattern }, cause },
    )
  }
}
