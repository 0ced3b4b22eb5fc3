/** Splits time for walk-forward evaluation: train on the past, test on what follows, refit, repeat. */
import { TickerflowError } from '../errors.ts'
import { lowerBound } from '../features/windows.ts'
import { dayFromParts, formatDay, yearOf } from '../market/trading-date.ts'
import type { FoldSpan } from './backtest.ts'

export const REFIT_SCHEDULES = ['yearly', 'quarterly', 'monthly', 'never'] as const
export type RefitSchedule = (typeof REFIT_SCHEDULES)[number]

export interface FoldPlan {
  /** Sessions of the series [n], days since 1970-01-01. */
  readonly date: Int32Array
  /** First and last test day; forecasts are dated by the session they are made at. */
  readonly from: number
  readonly to: number
  readonly refit: RefitSchedule
  /** Training sessions of a rolling window; `undefined` for an expanding one. */
  readonly rollingSessions?: number
  /**
   * Sessions left out between training and test. Labels that reach into the test span are purged
   * in any case: a label must mature inside the training span.
   */
  readonly embargoSessions?: number
}

const MONTHS_PER_REFIT: Record<RefitSchedule, number> = {
  yearly: 12,
  quarterly: 3,
  monthly: 1,
  never: 0,
}

/**
 * The folds of a walk-forward evaluation, oldest first, without gaps between their test spans.
 *
 * @throws {TickerflowError} DATA_INSUFFICIENT when no session lies in the test span, or none is left
 *   to learn from before it; says what there is.
 * Source: Tashman 2000; purge and embargo after López de Prado 2018.
 */
export function planFolds(plan: FoldPlan): FoldSpan[] {
  const starts = testStarts(plan)
  const folds = starts.flatMap((start, i) => {
    const next = starts[i + 1] ?? plan.to + 1
    const fold = foldBetween(plan, start, next)
    return fold === undefined ? [] : [fold]
  })
  if (folds.length === 0) throw nothingToPlan(plan)
  return folds
}

function nothingToPlan({ date, from, to, embargoSessions = 0 }: FoldPlan): TickerflowError {
  const sessions = lowerBound(date, to + 1) - lowerBound(date, from)
  const [first, last] = [formatDay(date[0] ?? 0), formatDay(date.at(-1) ?? 0)]
  return new TickerflowError(
    'DATA_INSUFFICIENT',
    `No model can be fitted and judged between ${formatDay(from)} and ${formatDay(to)}: the series ` +
      `runs from ${first} to ${last}, with ${Math.max(0, sessions)} sessions in that span and ` +
      `${lowerBound(date, from)} before it, less an embargo of ${embargoSessions}. ` +
      'Change --from, --to or --embargo.',
    { details: { from: formatDay(from), to: formatDay(to), rows: date.length, embargoSessions } },
  )
}

function testStarts({ from, to, refit }: FoldPlan): number[] {
  const months = MONTHS_PER_REFIT[refit]
  const starts = [from]
  if (months === 0) return starts
  for (let month = months; ; month += months) {
    const start = dayFromParts(yearOf(from) + Math.floor(month / 12), (month % 12) + 1, 1) as number
    if (start > to) return starts
    if (start > from) starts.push(start)
  }
}

function foldBetween(plan: FoldPlan, start: number, next: number): FoldSpan | undefined {
  const { date, embargoSessions = 0, rollingSessions } = plan
  const testRow = lowerBound(date, start)
  const testEnd = lowerBound(date, next)
  const trainRow = testRow - 1 - embargoSessions
  if (testEnd <= testRow || trainRow < 0) return undefined
  const firstTrainRow =
    rollingSessions === undefined ? 0 : Math.max(0, trainRow - rollingSessions + 1)
  return {
    trainFrom: date[firstTrainRow] as number,
    trainTo: date[trainRow] as number,
    testFrom: date[testRow] as number,
    testTo: date[testEnd - 1] as number,
  }
}
