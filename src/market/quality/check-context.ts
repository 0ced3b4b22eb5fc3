/** What every data check gets, and how it reports. */

import type { Bars } from '../bars.ts'
import {
  type BarsOrigin,
  type CheckName,
  createFinding,
  type Finding,
  type FindingInput,
  type FindingSubject,
} from '../finding.ts'
import type { TradingCalendar } from '../trading-calendar.ts'

/** Where the checks draw their lines. Fractions are of 1, factors are ratios. */
export interface QualityLimits {
  /** Fewer rows block: 300 sessions fill the longest lookback, the rest is to fit on. */
  readonly minimumRows: number
  /** Fewer rows are warned of: scores on so few sessions are mostly luck. */
  readonly advisedRows: number
  /** A gap among the last so many sessions blocks: today's forecast rests mostly on them. */
  readonly recentSessions: number
  /** A gap of more sessions in a row blocks. */
  readonly longestGapSessions: number
  /** A larger share of missing sessions blocks. */
  readonly missingFraction: number
  /** A larger close-to-close move is a step. */
  readonly priceStepFraction: number
  /** A lasting change of the volume's level by more than this factor is reported. */
  readonly volumeLevelFactor: number
  /** A larger gap between the adjusted close's return and the close's is reported. */
  readonly adjustedReturnGap: number
  /** A return or range of more times its recent mean size is an anomaly. */
  readonly anomalyFactor: number
}

export const DEFAULT_QUALITY_LIMITS: QualityLimits = {
  minimumRows: 500,
  advisedRows: 1000,
  recentSessions: 25,
  longestGapSessions: 5,
  missingFraction: 0.01,
  priceStepFraction: 0.5,
  volumeLevelFactor: 4,
  adjustedReturnGap: 0.02,
  anomalyFactor: 12,
}

/** A blocking row that a person has looked at and accepts: it is only warned of. */
export interface AcceptedRow {
  readonly check: CheckName
  /** Days since 1970-01-01. */
  readonly day: number
}

export interface CheckBarsOptions {
  readonly calendar: TradingCalendar
  /** UTC milliseconds. */
  readonly now: number
  /**
   * The series ended long ago and is meant to: nothing in it is stale or too early.
   *
   * @default false
   */
  readonly historical?: boolean
  /** The file that the bars were read from, so that findings name its lines. */
  readonly origin?: BarsOrigin
  readonly limits?: Partial<QualityLimits>
  readonly accepted?: readonly AcceptedRow[]
}

export interface CheckContext {
  readonly bars: Bars
  readonly calendar: TradingCalendar
  readonly now: number
  readonly historical: boolean
  readonly limits: QualityLimits
  readonly subject: FindingSubject
  /** Whether the dates are strictly increasing; checks that walk through time need it. */
  readonly isOrdered: boolean
  /** One finding about the rows; none when there are no rows. */
  report(rows: ArrayLike<number>, input: FindingInput): Finding[]
  /** The severity, softened when all the days have been accepted for the check. */
  severityOf(input: FindingInput, days: ArrayLike<number>): Finding['severity']
}

/** Looks at one aspect of the bars. */
export type Check = (context: CheckContext) => Finding[]

export function createCheckContext(bars: Bars, options: CheckBarsOptions): CheckContext {
  const { calendar, now, origin, accepted = [] } = options
  const subject = { symbol: bars.symbol, date: bars.date, origin }
  const severityOf: CheckContext['severityOf'] = ({ check, severity }, days) => {
    const isAccepted = (day: number) =>
      accepted.some((entry) => entry.check === check && entry.day === day)
    return accepted.length > 0 && Array.from(days).every(isAccepted) ? 'warning' : severity
  }
  return {
    bars,
    calendar,
    now,
    historical: options.historical ?? false,
    limits: { ...DEFAULT_QUALITY_LIMITS, ...options.limits },
    subject,
    isOrdered: isStrictlyIncreasing(bars.date),
    severityOf,
    report(rows, input) {
      if (rows.length === 0) return []
      const days = Array.from(rows, (row) => bars.date[row] as number)
      return [createFinding(subject, rows, { ...input, severity: severityOf(input, days) })]
    },
  }
}

/** The rows for which the predicate holds, in order. */
export function rowsWhere(count: number, predicate: (row: number) => boolean, from = 0): number[] {
  const rows: number[] = []
  for (let row = from; row < count; row++) {
    if (predicate(row)) rows.push(row)
  }
  return rows
}

function isStrictlyIncreasing(date: Int32Array): boolean {
  for (let i = 1; i < date.length; i++) {
    if ((date[i] as number) <= (date[i - 1] as number)) return false
  }
  return true
}
