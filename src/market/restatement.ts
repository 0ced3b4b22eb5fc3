/** What a newly fetched series says about days that are stored already. */

import type { BarColumns, Bars } from './bars.ts'
import { createFinding, type Finding } from './finding.ts'

/** Prices that are stored in single precision somewhere on the way agree this far. */
const SAME = 1e-6
/** Prices rescaled for a split have been rounded to cents once more. */
const SAME_WHEN_RESCALED = 2e-3
/** Beyond this a close is another close, not a corrected one. */
const OTHER_SERIES_GAP = 0.02
const OTHER_SERIES_FRACTION = 0.5
const LEAST_OVERLAP = 10

const PRICES = ['open', 'high', 'low', 'close'] as const

/** The rows of the later series that the earlier one has too, and where. */
interface Overlap {
  readonly earlier: Bars
  readonly later: Bars
  /** Rows of the later series. */
  readonly laterRows: readonly number[]
  /** The same days' rows of the earlier series. */
  readonly earlierRows: readonly number[]
  /** Median of later close over earlier close; 1 unless history was rescaled. */
  readonly factor: number
}

/**
 * Compares a new snapshot with the one before it.
 *
 * Days that were added at either end are no finding, nor are the events and the vendor's adjusted
 * close, which change with every dividend. Rows of the findings are rows of `later`.
 */
export function findRestatements(earlier: Bars, later: Bars): Finding[] {
  const lost = lostHistory(earlier, later)
  if (earlier.basis !== later.basis) return [...basisChange(earlier, later), ...lost]
  const overlap = findOverlap(earlier, later)
  const replaced = seriesReplaced(overlap)
  if (replaced.length > 0) return replaced
  return [...readjusted(overlap), ...restated(overlap), ...lost]
}

function findOverlap(earlier: Bars, later: Bars): Overlap {
  const rowOf = new Map(Array.from(earlier.date, (day, row) => [day, row]))
  const laterRows: number[] = []
  const earlierRows: number[] = []
  later.date.forEach((day, row) => {
    const before = rowOf.get(day)
    if (before === undefined) return
    laterRows.push(row)
    earlierRows.push(before)
  })
  const ratios = laterRows.map(
    (row, k) => (later.close[row] as number) / (earlier.close[earlierRows[k] as number] as number),
  )
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1
  const factor = isClose(median, 1, SAME_WHEN_RESCALED) ? 1 : median
  return { earlier, later, laterRows, earlierRows, factor }
}

function basisChange(earlier: Bars, later: Bars): Finding[] {
  const input = {
    check: 'basis-changed',
    severity: 'warning',
    statement: `The stored prices are ${earlier.basis}, the new ones ${later.basis}; they are not compared`,
    remedy: 'Use one basis per symbol, so that corrections of history can be seen.',
  } as const
  return [createFinding(later, later.date.length > 0 ? [0] : [], input)]
}

function seriesReplaced(overlap: Overlap): Finding[] {
  const { earlier, later, laterRows, earlierRows, factor } = overlap
  if (laterRows.length < LEAST_OVERLAP) return []
  const others = laterRows.filter((row, k) => {
    const expected = (earlier.close[earlierRows[k] as number] as number) * factor
    return !isClose(later.close[row] as number, expected, OTHER_SERIES_GAP)
  })
  if (others.length <= OTHER_SERIES_FRACTION * laterRows.length) return []
  const input = {
    check: 'series-replaced',
    severity: 'blocking',
    statement:
      `${others.length} of ${laterRows.length} closes differ from the stored ones of ` +
      `${later.symbol} (from ${earlier.source}) by more than ${100 * OTHER_SERIES_GAP} %, as if they ` +
      'were of another company',
    remedy: 'Check the symbol and the file; to keep both series use another store, --store DIR.',
  } as const
  return [createFinding(later, others, input)]
}

function readjusted({ later, laterRows, factor }: Overlap): Finding[] {
  if (factor === 1) return []
  const input = {
    check: 'readjusted',
    severity: 'warning',
    statement: `The source has rescaled its history, the prices by ${Number(factor.toPrecision(6))}, as after a split`,
    remedy:
      'Nothing, if there was a split: returns are the same. Models keep the snapshot that they ' +
      'were trained on.',
  } as const
  return [createFinding(later, laterRows, input)]
}

function restated(overlap: Overlap): Finding[] {
  const changed = new Map<number, string[]>()
  overlap.laterRows.forEach((row, k) => {
    const names = changedColumns(overlap, row, overlap.earlierRows[k] as number)
    if (names.length > 0) changed.set(row, names)
  })
  if (changed.size === 0) return []
  const columns = [...new Set([...changed.values()].flat())]
  const input = {
    check: 'restated',
    severity: 'warning',
    statement: `The source has changed history that was stored before (${columns.join(', ')})`,
    remedy:
      'Both versions are kept, and models keep the one that they were trained on. Compare with ' +
      'another source if the change is large.',
  } as const
  return [createFinding(overlap.later, [...changed.keys()], input)]
}

function changedColumns(
  { earlier, later, factor }: Overlap,
  row: number,
  before: number,
): (keyof BarColumns)[] {
  const tolerance = factor === 1 ? SAME : SAME_WHEN_RESCALED
  const changed: (keyof BarColumns)[] = PRICES.filter((name) => {
    const expected = (earlier[name][before] as number) * factor
    return !isClose(later[name][row] as number, expected, tolerance)
  })
  const volume = later.volume[row] as number
  const old = earlier.volume[before] as number
  const isSame = isClose(volume, old, SAME) || isClose(volume * factor, old, tolerance)
  return isSame ? changed : [...changed, 'volume']
}

/** Stored days that the new series has passed over, or does not reach. */
function lostHistory(earlier: Bars, later: Bars): Finding[] {
  const kept = new Set(later.date)
  const first = later.date[0] ?? Number.POSITIVE_INFINITY
  const lost = Array.from(earlier.date.keys()).filter((row) => {
    const day = earlier.date[row] as number
    return day >= first && !kept.has(day)
  })
  if (lost.length === 0) return []
  const input = {
    check: 'history-lost',
    severity: 'warning',
    statement: 'Stored sessions are missing from the new series (rows are those of the stored one)',
    remedy: 'Fetch again with the whole range; the stored snapshot still has the sessions.',
  } as const
  return [createFinding(earlier, lost, input)]
}

function isClose(value: number, expected: number, tolerance: number): boolean {
  if (Object.is(value, expected)) return true
  return Math.abs(value - expected) <= tolerance * Math.abs(expected)
}
