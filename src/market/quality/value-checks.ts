/** Checks of single rows: is it a number, is it possible. */

import type { Check, CheckContext } from './check-context.ts'
import { rowsWhere } from './check-context.ts'

/** Prices are rounded in places; a millionth of the price is no defect. */
const ROUNDING = 1e-6
const CORRECT_ROW = 'Correct the row in the source, or fetch it again.'

/** Blank or infinite prices and volumes. */
export const checkMissingValues: Check = ({ bars, report }) => {
  const { open, high, low, close, volume } = bars
  const columns = { open, high, low, close, volume }
  const rows = rowsWhere(bars.date.length, (i) =>
    [open, high, low, close, volume].some((column) => !Number.isFinite(column[i])),
  )
  const first = rows[0] ?? 0
  const names = Object.entries(columns).filter(([, column]) => !Number.isFinite(column[first]))
  return report(rows, {
    check: 'missing-values',
    severity: 'blocking',
    statement: `Not a number (first in ${names.map(([name]) => name).join(', ')})`,
    remedy: 'Fill in the value, or remove the whole row if there was no session.',
  })
}

/** Zero and negative prices. */
export const checkPositivePrices: Check = ({ bars: { open, high, low, close, date }, report }) => {
  const rows = rowsWhere(
    date.length,
    (i) =>
      (open[i] as number) <= 0 ||
      (high[i] as number) <= 0 ||
      (low[i] as number) <= 0 ||
      (close[i] as number) <= 0,
  )
  return report(rows, {
    check: 'positive-price',
    severity: 'blocking',
    statement: 'A price is zero or negative',
    remedy: CORRECT_ROW,
  })
}

/** low ≤ open, close ≤ high. */
export const checkPriceOrder: Check = (context) => {
  const { date } = context.bars
  const rows = rowsWhere(date.length, (i) => isDisordered(context, i))
  const first = rows[0] ?? 0
  const { open, high, low, close } = context.bars
  const prices = `open ${open[first]}, high ${high[first]}, low ${low[first]}, close ${close[first]}`
  return context.report(rows, {
    check: 'price-order',
    severity: 'blocking',
    statement: `Open and close must lie between low and high (first: ${prices})`,
    remedy: CORRECT_ROW,
  })
}

function isDisordered({ bars }: CheckContext, i: number): boolean {
  const open = bars.open[i] as number
  const high = bars.high[i] as number
  const low = bars.low[i] as number
  const close = bars.close[i] as number
  const slack = ROUNDING * Math.abs(close)
  return (
    low > Math.min(open, close) + slack ||
    high < Math.max(open, close) - slack ||
    low > high + slack
  )
}

export const checkNegativeVolume: Check = ({ bars: { volume, date }, report }) =>
  report(
    rowsWhere(date.length, (i) => (volume[i] as number) < 0),
    {
      check: 'negative-volume',
      severity: 'blocking',
      statement: 'The volume is negative',
      remedy: CORRECT_ROW,
    },
  )

export const checkZeroVolume: Check = ({ bars: { volume, date }, report }) =>
  report(
    rowsWhere(date.length, (i) => volume[i] === 0),
    {
      check: 'zero-volume',
      severity: 'warning',
      statement: 'Nothing was traded',
      remedy: 'If the day had no session, remove the row; if the volume is unknown, fill it in.',
    },
  )

/** A bar that repeats the four prices of the one before: a feed that stood still. */
export const checkRepeatedBars: Check = ({ bars, report }) => {
  const { open, high, low, close, volume, date } = bars
  const rows = rowsWhere(
    date.length,
    (i) =>
      close[i] === close[i - 1] &&
      open[i] === open[i - 1] &&
      high[i] === high[i - 1] &&
      low[i] === low[i - 1] &&
      high[i] !== low[i] &&
      volume[i] !== 0,
    1,
  )
  return report(rows, {
    check: 'repeated-bar',
    severity: 'warning',
    statement: 'All four prices are those of the session before',
    remedy: 'Compare with another source; the true prices of the day are probably missing.',
  })
}

export const checkRowCount: Check = ({ bars, limits, subject, severityOf, report }) => {
  const count = bars.date.length
  if (count >= limits.advisedRows) return []
  const isTooFew = count < limits.minimumRows
  const needed = isTooFew
    ? `at least ${limits.minimumRows} are needed (300 fill the longest lookback, the rest is to fit on)`
    : `scores are mostly luck below ${limits.advisedRows}`
  const input = {
    check: 'too-few-rows',
    severity: isTooFew ? 'blocking' : 'warning',
    statement: `Only ${count} sessions; ${needed}`,
    remedy: 'Fetch a longer history.',
  } as const
  if (count > 0) return report([count - 1], input)
  const message = `${input.statement}: ${subject.origin?.file ?? subject.symbol}.`
  const { check, remedy } = input
  return [{ check, severity: severityOf(input, []), message, rows: [], count: 0, remedy }]
}
