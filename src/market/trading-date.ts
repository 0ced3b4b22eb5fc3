/** Dates as whole days since 1970-01-01 (UTC): what every columnar series stores. */

const MS_PER_DAY = 86_400_000
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/**
 * Days since 1970-01-01 of a calendar date.
 *
 * @param month 1 to 12.
 * @returns `undefined` when the date does not exist (30 February).
 */
export function dayFromParts(year: number, month: number, dayOfMonth: number): number | undefined {
  const instant = Date.UTC(year, month - 1, dayOfMonth)
  const date = new Date(instant)
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === dayOfMonth
  return exists ? instant / MS_PER_DAY : undefined
}

/**
 * Parses `YYYY-MM-DD`.
 *
 * @returns Days since 1970-01-01, or `undefined` when the text is not such a date.
 */
export function parseIsoDate(text: string): number | undefined {
  const match = ISO_DATE.exec(text)
  if (!match) return undefined
  return dayFromParts(Number(match[1]), Number(match[2]), Number(match[3]))
}

/** `2013-03-01` for 15765. */
export function formatDay(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10)
}

/** 0 is Sunday, 6 is Saturday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

/** 1 to 12. */
export function monthOf(day: number): number {
  return Number(formatDay(day).slice(5, 7))
}

export function yearOf(day: number): number {
  return new Date(day * MS_PER_DAY).getUTCFullYear()
}

/** The day of an instant in UTC. */
export function dayOfInstant(instantMs: number): number {
  return Math.floor(instantMs / MS_PER_DAY)
}
