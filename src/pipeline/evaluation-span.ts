/** Which days to test on when the user does not say. */
import { TickerflowError } from '../errors.ts'
import { lowerBound } from '../features/windows.ts'
import { dayFromParts, formatDay, yearOf } from '../market/trading-date.ts'
import { askedDay } from './asked-day.ts'

/**
 * Sessions before the first test day. The fewest give every model its lookback, a year of training
 * and a year of validation; a long series gives three times as much to learn from.
 */
const FEWEST_BEFORE_TEST = 800
const MOST_BEFORE_TEST = 1200
const SHARE_BEFORE_TEST = 0.6
/** Test sessions below which the test does not wait for a New Year to begin. */
const SESSIONS_WORTH_WAITING = 250
/** A last year with fewer sessions is not worth a refit of its own. */
const SESSIONS_IN_LAST_YEAR = 126

export interface EvaluationSpan {
  readonly from: number
  readonly to: number
}

/** First and last test day as the user says them, `YYYY-MM-DD`. */
export interface AskedSpan {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** @throws {TickerflowError} CONFIG_INVALID when a day is none, or the span ends before it begins. */
export function askedSpan(given: AskedSpan): Partial<EvaluationSpan> {
  const from = given.from === undefined ? undefined : askedDay(given.from)
  const to = given.to === undefined ? undefined : askedDay(given.to)
  if (from !== undefined && to !== undefined && from > to) throw backwards(from, to)
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/**
 * From the first New Year with enough history before it to the end of the last year that has at
 * least half of its sessions; a short series is tested as soon as the models can be fitted.
 *
 * @param date Sessions of the series [n].
 * @param given What the user says.
 * @throws {TickerflowError} DATA_INSUFFICIENT when the history is too short; says how long it must be.
 *   What `askedSpan` throws.
 */
export function evaluationSpan(date: Int32Array, given: AskedSpan): EvaluationSpan {
  const asked = askedSpan(given)
  const from = asked.from ?? firstTestDay(date)
  const to = asked.to ?? lastTestDay(date, from)
  const sessions = lowerBound(date, to + 1) - lowerBound(date, from)
  if (sessions > 0) return { from, to }
  throw new TickerflowError(
    'DATA_INSUFFICIENT',
    `No session lies between ${formatDay(from)} and ${formatDay(to)}; the series runs from ` +
      `${formatDay(date[0] ?? 0)} to ${formatDay(date.at(-1) ?? 0)}. Change --from and --to.`,
    { details: { from: formatDay(from), to: formatDay(to), rows: date.length } },
  )
}

function backwards(from: number, to: number): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `The test span ends on ${formatDay(to)}, before it begins on ${formatDay(from)}. ` +
      'Exchange --from and --to.',
    { details: { from: formatDay(from), to: formatDay(to) } },
  )
}

function firstTestDay(date: Int32Array): number {
  const share = Math.floor(SHARE_BEFORE_TEST * date.length)
  const before = Math.min(MOST_BEFORE_TEST, Math.max(FEWEST_BEFORE_TEST, share))
  const earliest = date[before]
  if (earliest === undefined) throw tooShort(date.length)
  const nextYear = newYear(yearOf(date[before - 1] ?? earliest) + 1)
  const remaining = date.length - lowerBound(date, nextYear)
  return remaining >= SESSIONS_WORTH_WAITING ? nextYear : earliest
}

function tooShort(rows: number): TickerflowError {
  return new TickerflowError(
    'DATA_INSUFFICIENT',
    `The series has ${rows} sessions; an evaluation needs more than ${FEWEST_BEFORE_TEST} before ` +
      'its first test day, about three and a half years. Give a longer history.',
    { details: { rows, needed: FEWEST_BEFORE_TEST + 1 } },
  )
}

function lastTestDay(date: Int32Array, from: number): number {
  const last = date.at(-1) ?? 0
  const start = newYear(yearOf(last))
  const sessions = date.length - lowerBound(date, start)
  return sessions >= SESSIONS_IN_LAST_YEAR || from >= start ? last : start - 1
}

function newYear(year: number): number {
  return dayFromParts(year, 1, 1) as number
}
