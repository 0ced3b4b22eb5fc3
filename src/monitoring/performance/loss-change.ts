/** Has a model become worse than its baseline? A one-sided CUSUM on the difference of their losses. */
import { meanWithError } from '../../evaluation/skill/loss-difference.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { LossChange } from '../monitoring-report.ts'

/** Slack per day, in standard deviations: half of the worsening that is to be noticed. */
export const CUSUM_SLACK = 0.25

/**
 * Statistic above which there is an alarm: while the model is as good as the baseline, one false
 * alarm comes in about 1,250 sessions (five years) of independent Student-t differences with five
 * degrees of freedom; a test repeats the simulation. A better model raises fewer.
 */
export const CUSUM_THRESHOLD = 9.25

/** Days before a standard deviation can be told. */
const MINIMUM_DAYS = 30

/**
 * S_t = max(0, S_{t-1} + d_t / σ − slack), with σ the long-run standard deviation of the difference
 * over the record, so that overlapping horizons raise no more alarms than others (Page 1954).
 *
 * @param asOf Days since 1970-01-01 [n].
 * @param difference The model's loss minus the baseline's [n].
 * @returns `undefined` on fewer than 30 days, or when the two never differ.
 */
export function lossChange(
  asOf: ArrayLike<number>,
  difference: Float64Array,
  horizon: number,
): LossChange | undefined {
  const n = difference.length
  const estimate = n < MINIMUM_DAYS ? undefined : meanWithError(difference, { horizon })
  if (estimate === undefined) return undefined
  const deviation = estimate.standardError * Math.sqrt(n)
  let [statistic, start] = [0, 0]
  for (let row = 0; row < n; row++) {
    if (statistic === 0) start = row
    statistic = Math.max(0, statistic + (difference[row] as number) / deviation - CUSUM_SLACK)
  }
  const alarm = statistic > CUSUM_THRESHOLD
  const since = alarm ? formatDay(asOf[start] as number) : null
  return { statistic, threshold: CUSUM_THRESHOLD, alarm, since }
}
