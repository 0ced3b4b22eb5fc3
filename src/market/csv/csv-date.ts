/** Dates as the sources write them, one form per file, and never a guess between day and month. */

import { dayFromParts, dayOfInstant } from '../trading-date.ts'

/** Month and day of a date such as 03/04/2013 need the whole file to be told apart. */
export type DayMonthOrder = 'day-first' | 'month-first'

/** Reads one form of date; `undefined` when the text is not of the form or does not exist. */
export type DateReader = (text: string) => number | undefined

const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/
const NUMERIC = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: .*)?$/
const MONTH_FIRST_NAME = /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$/
const DAY_FIRST_NAME = /^(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4})$/
const EPOCH_SECONDS = /^-?\d{9,10}$/
const EPOCH_MS = /^-?\d{12,13}$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The forms that need no knowledge of the other rows, tried on the file's first date. */
const READERS: readonly DateReader[] = [
  (text) => fromMatch(ISO.exec(text), [1, 2, 3]),
  (text) => fromMatch(COMPACT.exec(text), [1, 2, 3]),
  (text) => fromNamed(MONTH_FIRST_NAME.exec(text), { month: 1, dayOfMonth: 2 }),
  (text) => fromNamed(DAY_FIRST_NAME.exec(text), { month: 2, dayOfMonth: 1 }),
  (text) => (EPOCH_SECONDS.test(text) ? dayOfInstant(Number(text) * 1000) : undefined),
  (text) => (EPOCH_MS.test(text) ? dayOfInstant(Number(text)) : undefined),
]

/** The reader for the form of this date; `undefined` when it has none, or is a numeric date. */
export function dateReaderFor(text: string): DateReader | undefined {
  return READERS.find((read) => read(text) !== undefined)
}

/** Whether the text has the form 3/4/2013, 03-04-2013 or 3.4.2013. */
export function isNumericDate(text: string): boolean {
  return NUMERIC.test(text)
}

/** The reader of numeric dates in the given order. */
export function numericDateReader(order: DayMonthOrder): DateReader {
  return (text) => fromMatch(NUMERIC.exec(text), order === 'day-first' ? [3, 2, 1] : [3, 1, 2])
}

/**
 * Which order numeric dates are in, from all of a file's dates: a number above 12 is a day.
 *
 * @param preferred The order to take when no date tells.
 * @returns `undefined` when the dates contradict each other, or none tells and nothing is preferred.
 */
export function dayMonthOrder(
  texts: readonly string[],
  preferred: DayMonthOrder | undefined,
): DayMonthOrder | undefined {
  let dayFirst = false
  let monthFirst = false
  for (const text of texts) {
    const match = NUMERIC.exec(text)
    dayFirst ||= Number(match?.[1]) > 12
    monthFirst ||= Number(match?.[2]) > 12
  }
  if (dayFirst && monthFirst) return undefined
  if (dayFirst) return 'day-first'
  return monthFirst ? 'month-first' : preferred
}

function fromMatch(
  match: RegExpExecArray | null,
  [year, month, dayOfMonth]: readonly [number, number, number],
): number | undefined {
  if (match === null) return undefined
  return dayFromParts(Number(match[year]), Number(match[month]), Number(match[dayOfMonth]))
}

function fromNamed(
  match: RegExpExecArray | null,
  group: { readonly month: number; readonly dayOfMonth: number },
): number | undefined {
  if (match === null) return undefined
  const month = MONTHS.indexOf((match[group.month] ?? '').slice(0, 3).toLowerCase())
  if (month < 0) return undefined
  return dayFromParts(Number(match[3]), month + 1, Number(match[group.dayOfMonth]))
}
