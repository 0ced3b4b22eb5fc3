/** The days that a search is judged on: all of them before the evaluation span. */
import { TickerflowError } from '../../errors.ts'
import type { FoldSpan } from '../../evaluation/backtest.ts'
import { lowerBound } from '../../features/windows.ts'
import type { Bars } from '../../market/bars.ts'
import { sliceBars } from '../../market/create-bars.ts'
import { formatDay } from '../../market/trading-date.ts'

/** Sessions before a fold: lookback, a year to learn from and a year to stop by. */
const SESSIONS_BEFORE_FOLD = 700

/**
 * The bars before `day`. What a search works with; the evaluation span is cut off, so that nothing of
 * it can be read, whatever goes wrong later.
 */
export function barsBefore(bars: Bars, day: number): Bars {
  return sliceBars(bars, 0, lowerBound(bars.date, day))
}

export interface TuningPlan {
  /** Sessions before the evaluation span [n]. */
  readonly date: Int32Array
  readonly folds: number
  readonly foldSessions: number
  readonly horizon: number
  readonly embargoSessions: number
}

/**
 * Folds counted back from the end, the latest first: the first round is judged on it alone. Outcomes
 * of the latest mature before the evaluation span begins.
 *
 * @returns As many as asked for, or fewer where the history is short.
 * @throws {TickerflowError} DATA_INSUFFICIENT when there is not even one.
 */
export function tuningFolds(plan: TuningPlan): FoldSpan[] {
  const { date, folds, foldSessions, horizon, embargoSessions } = plan
  const day = (row: number) => date[row] as number
  const planned: FoldSpan[] = []
  for (let k = 0; k < folds; k++) {
    const end = date.length - horizon - k * foldSessions
    const start = end - foldSessions
    const trainRow = start - 1 - embargoSessions
    if (trainRow < SESSIONS_BEFORE_FOLD) break
    const test = { testFrom: day(start), testTo: day(end - 1) }
    planned.push({ trainFrom: day(0), trainTo: day(trainRow), ...test })
  }
  if (planned.length > 0) return planned
  const needed = SESSIONS_BEFORE_FOLD + embargoSessions + foldSessions + horizon + 1
  throw new TickerflowError(
    'DATA_INSUFFICIENT',
    `A search needs at least ${needed} sessions before the evaluation span; there are ` +
      `${date.length}, up to ${formatDay(date.at(-1) ?? 0)}. Give a longer history, start the ` +
      'evaluation later (--from), or make `tune.foldSessions` smaller.',
    { details: { sessions: date.length, needed } },
  )
}
