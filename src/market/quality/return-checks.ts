/** Checks of returns: against the vendor's adjusted close, and against the series' own history. */

import { formatDay } from '../trading-date.ts'
import { type Check, type CheckContext, rowsWhere } from './check-context.ts'

/** The recent mean size forgets with this weight a session: about 33 sessions. */
const FORGETTING = 0.03
/** One session moves the recent mean by no more than if it had been so many times as large. */
const LARGEST_INFLUENCE = 4
const WARM_UP_SESSIONS = 60

/**
 * The vendor's adjusted close must return what the close returns, plus the day's dividend.
 *
 * Ordinary quarterly dividends are below the limit, so they need not be listed. Nothing else reads
 * the vendor's column: a fault in it shows how careful the vendor is, no more.
 */
export const checkAdjustedReturns: Check = (context) => {
  const { bars, limits, isOrdered } = context
  if (bars.vendorAdjustedClose === undefined || !isOrdered) return []
  const gaps = adjustedReturnGaps(context, bars.vendorAdjustedClose)
  const rows = rowsWhere(
    gaps.length,
    (i) => Math.abs(gaps[i] as number) > limits.adjustedReturnGap,
    1,
  )
  const named = rows.slice(0, 3).map((i) => {
    const percent = (100 * (gaps[i] as number)).toFixed(1)
    return `${percent} % on ${formatDay(bars.date[i] as number)}`
  })
  return context.report(rows, {
    check: 'adjusted-return',
    severity: 'warning',
    statement: `The adjusted close's return differs from the close's without a dividend that explains it (${named.join(', ')})`,
    remedy:
      "The vendor's adjustment is wrong there unless a special dividend was paid: compare with " +
      'another source. The column is not used for anything else.',
  })
}

/** Return of the adjusted close minus return of the close minus dividend yield [n]; 0 at first. */
function adjustedReturnGaps({ bars }: CheckContext, adjusted: Float64Array): Float64Array {
  const { close, date } = bars
  const dividend = new Map(bars.dividends.map(({ day, amount }) => [day, amount]))
  const split = new Map(
    bars.basis === 'raw' ? bars.splits.map(({ day, ratio }) => [day, ratio]) : [],
  )
  const gaps = new Float64Array(date.length)
  for (let i = 1; i < gaps.length; i++) {
    const day = date[i] as number
    const before = close[i - 1] as number
    const cash = bars.basis === 'total-return' ? 0 : (dividend.get(day) ?? 0)
    const value = (close[i] as number) * (split.get(day) ?? 1) + cash
    gaps[i] = (adjusted[i] as number) / (adjusted[i - 1] as number) - value / before
  }
  return gaps
}

/** Returns and ranges far beyond what the series has shown in its recent past. */
export const checkAnomalies: Check = ({ bars, limits, isOrdered, report }) => {
  if (!isOrdered) return []
  const { close, high, low, date } = bars
  const dividend = new Map(bars.dividends.map(({ day, amount }) => [day, amount]))
  const valueAt = (i: number) => (close[i] as number) + (dividend.get(date[i] as number) ?? 0)
  const size = (value: (i: number) => number) =>
    outlierFlags(date.length, value, limits.anomalyFactor)
  const returns = size((i) => Math.abs(valueAt(i) / (close[i - 1] as number) - 1))
  const ranges = size((i) => (high[i] as number) / (low[i] as number) - 1)
  const rows = rowsWhere(date.length, (i) => returns[i] === 1 || ranges[i] === 1)
  return report(rows, {
    check: 'anomaly',
    severity: 'warning',
    statement: `The return or the range is more than ${limits.anomalyFactor} times its recent mean size`,
    remedy: 'If there was no news that day, compare the prices with another source.',
  })
}

/** Marks the rows whose size exceeds `factor` times its exponentially weighted, winsorised mean. */
function outlierFlags(count: number, size: (row: number) => number, factor: number): Uint8Array {
  const flags = new Uint8Array(count)
  let mean = 0
  let seen = 0
  for (let i = 1; i < count; i++) {
    const value = size(i)
    if (!Number.isFinite(value)) continue
    if (seen >= WARM_UP_SESSIONS && value > factor * mean) flags[i] = 1
    const weight = Math.max(FORGETTING, 1 / (seen + 1))
    const influence =
      seen < WARM_UP_SESSIONS / 2 ? value : Math.min(value, LARGEST_INFLUENCE * mean)
    mean += weight * (influence - mean)
    seen++
  }
  return flags
}
