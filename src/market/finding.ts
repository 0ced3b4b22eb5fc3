/** What the data checks report: one finding per kind of defect, with the rows that show it. */

import { formatDay } from './trading-date.ts'

/** A blocking finding stops the work; a warning is shown and recorded. */
export type Severity = 'blocking' | 'warning'

/**
 * Every check by name; docs/reference/data-checks.md explains each (a test keeps the two in step).
 */
export const CHECK_CATALOGUE = {
  'missing-values': 'A price or volume is blank or not a finite number.',
  'positive-price': 'A price is zero or negative.',
  'price-order': 'Not low ≤ open, close ≤ high.',
  'negative-volume': 'A volume is negative.',
  'zero-volume': 'A session without any volume.',
  'duplicate-date': 'Two bars of the same date.',
  'date-order': 'A bar is older than the one before it.',
  'closed-day': 'A bar on a day without a session.',
  'missing-session': 'A session between the first and the last bar has none.',
  'calendar-coverage': 'Bars older than what the calendar knows.',
  'incomplete-session': 'A bar of a session that had not ended yet.',
  stale: 'The last bar is older than the last complete session.',
  'unadjusted-split': 'The price steps by a split ratio.',
  'price-step': 'The price moves by more than half from one session to the next.',
  'volume-level': 'The volume moves to another level and stays there.',
  'repeated-bar': 'A bar has exactly the prices of the one before it.',
  'adjusted-return': "The vendor's adjusted close moves otherwise than the close.",
  anomaly: "A return or range far outside the series' own recent history.",
  'too-few-rows': 'Fewer sessions than training needs.',
  'null-rows': 'Rows without any price, left out.',
  'merged-rows': 'A second row of the last session, merged.',
  'partial-bar': 'The bar of a session still open, left out.',
  'basis-changed': 'Stored prices mean something else than the new ones.',
  restated: 'Stored history has been changed by the source.',
  readjusted: 'Stored history has been rescaled for a new split.',
  'history-lost': 'Stored sessions are missing from what was fetched.',
  'series-replaced': 'What was fetched is another series than the stored one.',
} as const

export type CheckName = keyof typeof CHECK_CATALOGUE

export interface FindingRow {
  /** Index in the bars, from 0; for a row that was left out, of the bar that follows it. */
  readonly row: number
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** Line in the file, from 1 with the header as line 1; only for bars read from a file. */
  readonly line?: number
}

export interface Finding {
  readonly check: CheckName
  readonly severity: Severity
  /** What was found and where, in one sentence or two. */
  readonly message: string
  /** The first rows that show it, at most `MAX_FINDING_ROWS`. */
  readonly rows: readonly FindingRow[]
  /** How many rows show it altogether. */
  readonly count: number
  /** What to do about it. */
  readonly remedy: string
}

/** The file that bars were read from, and the line of each row in it. */
export interface BarsOrigin {
  readonly file: string
  /** Line of each row [n], from 1 with the header as line 1. */
  readonly lines: Int32Array
}

export const MAX_FINDING_ROWS = 20
const MAX_NAMED_ROWS = 3

/** The bars that a finding talks about. */
export interface FindingSubject {
  readonly symbol: string
  readonly date: Int32Array
  readonly origin?: BarsOrigin | undefined
}

export interface FindingInput {
  readonly check: CheckName
  readonly severity: Severity
  /** What is wrong, as a sentence without its full stop; the rows are named after it. */
  readonly statement: string
  readonly remedy: string
}

/** A finding whose message ends with the file (or symbol), lines and dates of its first rows. */
export function createFinding(
  subject: FindingSubject,
  rows: ArrayLike<number>,
  input: FindingInput,
): Finding {
  const { origin, date } = subject
  const shown = Array.from({ length: Math.min(rows.length, MAX_FINDING_ROWS) }, (_, i) => {
    const row = rows[i] as number
    const at = { row, date: formatDay(date[row] as number) }
    return origin === undefined ? at : { ...at, line: origin.lines[row] as number }
  })
  return namedFinding(
    { source: origin?.file ?? subject.symbol, rows: shown, count: rows.length },
    input,
  )
}

export interface FindingPlace {
  /** The file or symbol that the rows are of. */
  readonly source: string
  readonly rows: readonly FindingRow[]
  readonly count: number
}

/** A finding about rows that are already described, such as rows that never became bars. */
export function namedFinding(place: FindingPlace, input: FindingInput): Finding {
  const { statement, ...rest } = input
  const named = place.rows.slice(0, MAX_NAMED_ROWS).map(({ row, date, line }) => {
    return line === undefined ? `row ${row} (${date})` : `line ${line} (${date})`
  })
  const more = place.count > named.length ? ` and ${place.count - named.length} more` : ''
  const where = named.length === 0 ? place.source : `${place.source} ${named.join(', ')}${more}`
  const rows = place.rows.slice(0, MAX_FINDING_ROWS)
  return { ...rest, message: `${statement}: ${where}.`, rows, count: place.count }
}

export function hasBlocking(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'blocking')
}
