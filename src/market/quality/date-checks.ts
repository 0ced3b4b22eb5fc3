/** Checks of the dates: order, the calendar's sessions, and today. */

import { type FindingRow, MAX_FINDING_ROWS, namedFinding } from '../finding.ts'
import { formatDay } from '../trading-date.ts'
import { type Check, type CheckContext, rowsWhere } from './check-context.ts'

const OTHER_CALENDAR =
  'if the symbol trades elsewhere, choose --calendar weekdays, or --calendar data to take the dates as they are'

export const checkDuplicateDates: Check = ({ bars: { date }, isOrdered, report }) => {
  if (isOrdered) return []
  const seen = new Set<number>()
  const rows = rowsWhere(date.length, (i) => seen.size === seen.add(date[i] as number).size)
  return report(rows, {
    check: 'duplicate-date',
    severity: 'blocking',
    statement: 'The date has a bar already',
    remedy: 'Keep the right one of the two rows and remove the other.',
  })
}

export const checkDateOrder: Check = ({ bars: { date }, isOrdered, report }) => {
  if (isOrdered) return []
  const rows = rowsWhere(date.length, (i) => (date[i] as number) < (date[i - 1] as number), 1)
  return report(rows, {
    check: 'date-order',
    severity: 'blocking',
    statement: 'The date is before that of the row above',
    remedy: 'Sort the rows by date, and correct the date if it is misprinted.',
  })
}

/** Bars on weekends and holidays. */
export const checkClosedDays: Check = ({ bars: { date }, calendar, report }) =>
  report(
    rowsWhere(date.length, (i) => {
      const day = date[i] as number
      return day >= calendar.firstDay && !calendar.isSession(day)
    }),
    {
      check: 'closed-day',
      severity: 'blocking',
      statement: `The ${calendar.kind} calendar has no session that day`,
      remedy: `Remove the row or correct its date; ${OTHER_CALENDAR}.`,
    },
  )

/** Rows before the calendar is known to be right, whose days cannot be judged. */
export const checkCalendarCoverage: Check = ({ bars: { date }, calendar, report }) => {
  const { kind, firstDay } = calendar
  const known = Number.isFinite(firstDay) ? formatDay(firstDay) : 'ever'
  return report(
    rowsWhere(date.length, (i) => (date[i] as number) < firstDay),
    {
      check: 'calendar-coverage',
      severity: 'warning',
      statement: `The ${kind} calendar is known from ${known}; sessions before are not checked`,
      remedy: 'Nothing, if the source is good; else cut off the older rows.',
    },
  )
}

/** Sessions between the first and the last bar that have none. */
export const checkMissingSessions: Check = (context) => {
  const { bars, calendar, subject, severityOf } = context
  const gaps = findGaps(context)
  if (gaps.length === 0) return []
  const input = {
    check: 'missing-session',
    severity: gapSeverity(context, gaps),
    statement: `Sessions of the ${calendar.kind} calendar have no bar, each named with the line it belongs before`,
    remedy: `Fetch the data again or add the row; ${OTHER_CALENDAR}.`,
  } as const
  const lines = subject.origin?.lines
  const rows = gaps.slice(0, MAX_FINDING_ROWS).map(({ row, day }): FindingRow => {
    const at = { row, date: formatDay(day) }
    return lines === undefined ? at : { ...at, line: lines[row] as number }
  })
  const severity = severityOf(
    input,
    gaps.map(({ day }) => day),
  )
  const source = subject.origin?.file ?? bars.symbol
  return [namedFinding({ source, rows, count: gaps.length }, { ...input, severity })]
}

interface Gap {
  /** The missing session. */
  readonly day: number
  /** The row that it belongs before. */
  readonly row: number
  /** Its place among all sessions of the span. */
  readonly session: number
}

function findGaps({ bars, calendar, isOrdered }: CheckContext): readonly Gap[] {
  const date = isOrdered ? bars.date : bars.date.slice().sort()
  const last = date.at(-1)
  if (last === undefined) return []
  const sessions = calendar.sessionsBetween(Math.max(date[0] as number, calendar.firstDay), last)
  const gaps: Gap[] = []
  let row = 0
  for (let session = 0; session < sessions.length; session++) {
    const day = sessions[session] as number
    while ((date[row] as number) < day) row++
    if (date[row] !== day) gaps.push({ day, row, session })
  }
  return gaps
}

/** Old, isolated gaps are harmless; recent, long or many ones are not. */
function gapSeverity({ bars, limits }: CheckContext, gaps: readonly Gap[]): 'blocking' | 'warning' {
  const sessions = bars.date.length + gaps.length
  const newest = gaps.at(-1)?.row ?? 0
  const isRecent = newest > bars.date.length - limits.recentSessions
  const isMany = gaps.length > limits.missingFraction * sessions
  return isRecent || isMany || longestRun(gaps) > limits.longestGapSessions ? 'blocking' : 'warning'
}

function longestRun(gaps: readonly Gap[]): number {
  let longest = 0
  let run = 0
  gaps.forEach(({ session }, i) => {
    run = gaps[i - 1]?.session === session - 1 ? run + 1 : 1
    longest = Math.max(longest, run)
  })
  return longest
}

/** Bars of sessions that had not ended: today's, or a misprinted date. */
export const checkIncompleteSession: Check = (context) => {
  const { bars, calendar, historical, now, report } = context
  if (historical) return []
  const complete = calendar.lastCompleteSession(now)
  return report(
    rowsWhere(bars.date.length, (i) => {
      const day = bars.date[i] as number
      return day > complete && calendar.isSession(day)
    }),
    {
      check: 'incomplete-session',
      severity: 'blocking',
      statement: `The session had not ended; the last complete one is ${formatDay(complete)}`,
      remedy: 'Remove the row, or wait for the close and fetch it again.',
    },
  )
}

export const checkStale: Check = ({ bars: { date }, calendar, historical, now, report }) => {
  if (historical || date.length === 0) return []
  const complete = calendar.lastCompleteSession(now)
  const lastRow = date.reduce((best, day, row) => (day > (date[best] as number) ? row : best), 0)
  const behind = calendar.sessionsBetween((date[lastRow] as number) + 1, complete).length
  return report(behind > 0 ? [lastRow] : [], {
    check: 'stale',
    severity: 'warning',
    statement: `The last bar is ${behind} session${behind === 1 ? '' : 's'} older than the last complete one, ${formatDay(complete)}`,
    remedy: 'Fetch the newer sessions; a forecast from here is one for the past.',
  })
}
