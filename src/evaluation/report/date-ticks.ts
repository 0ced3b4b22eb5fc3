/** Picks the sessions at which a time axis is labelled: years, months or days, never too many. */
import { formatDay } from '../../market/trading-date.ts'
import type { Tick } from './chart-axes.ts'
import { shortMonth } from './number-format.ts'

interface Session {
  readonly index: number
  readonly year: number
  readonly month: number
  readonly dayOfMonth: number
}

const YEAR_STEPS = [1, 2, 5, 10, 20, 50]
const MONTH_STEPS = [1, 2, 3, 6]

/**
 * Ticks at row numbers of a column of days.
 *
 * @param date Days since 1970-01-01 [n], increasing.
 * @param most The largest number of ticks that fit, >= 1.
 */
export function dateTicks(date: ArrayLike<number>, most: number): readonly Tick[] {
  const sessions = Array.from(date, sessionOf)
  const years = sessions.filter((session, i) => i > 0 && session.year !== sessions[i - 1]?.year)
  if (years.length >= 3) return yearTicks(years, most)
  const months = sessions.filter((session, i) => i > 0 && session.month !== sessions[i - 1]?.month)
  return months.length >= 2 ? monthTicks(months, most) : dayTicks(sessions, most)
}

function sessionOf(day: number, index: number): Session {
  const [year = 0, month = 0, dayOfMonth = 0] = formatDay(day).split('-').map(Number)
  return { index, year, month, dayOfMonth }
}

function yearTicks(starts: readonly Session[], most: number): readonly Tick[] {
  const step = YEAR_STEPS.find((years) => starts.length / years <= most) ?? 100
  return starts
    .filter((start) => start.year % step === 0)
    .map((start) => ({ at: start.index, label: String(start.year) }))
}

function monthTicks(starts: readonly Session[], most: number): readonly Tick[] {
  const step = MONTH_STEPS.find((months) => starts.length / months <= most) ?? 12
  return starts
    .filter((start) => (start.month - 1) % step === 0)
    .map((start, i) => ({ at: start.index, label: monthLabel(start, i === 0) }))
}

function monthLabel(start: Session, withYear: boolean): string {
  const month = shortMonth(start.month)
  return withYear || start.month === 1 ? `${month} ${start.year}` : month
}

function dayTicks(sessions: readonly Session[], most: number): readonly Tick[] {
  const step = Math.max(1, Math.ceil(sessions.length / most))
  return sessions
    .filter((session) => session.index % step === 0)
    .map((session) => ({
      at: session.index,
      label: `${session.dayOfMonth} ${shortMonth(session.month)}`,
    }))
}
