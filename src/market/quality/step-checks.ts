/** Checks of steps from one session to the next: splits that were not adjusted, units that change. */

import type { Split } from '../bars.ts'
import { formatDay } from '../trading-date.ts'
import { type Check, type CheckContext, rowsWhere } from './check-context.ts'

/** New shares per old share of the splits that happen; also the other way round. */
const SPLIT_RATIOS = [1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100]
const SMALLEST_SPLIT_STEP = 1.4
/** How far the first price after a split may lie from the last one before it, divided. */
const OVERNIGHT_TOLERANCE = 0.06
/** A fall by half on news comes with many times the usual volume; a split does not. */
const NEWS_VOLUME_FACTOR = 2.5
const LEVEL_SESSIONS = 20

interface SplitStep {
  readonly row: number
  readonly ratio: number
}

/**
 * Prices that step overnight by a split ratio, without the volume that real news would bring.
 *
 * Apple's fall by half on 2000-09-29 opened near 1:2 too, on 22 times its usual volume: that is how
 * the two are told apart.
 */
export const checkUnadjustedSplits: Check = (context) => {
  const steps = findSplitSteps(context)
  const { date } = context.bars
  const named = steps
    .slice(0, 3)
    .map(({ row, ratio }) => `${ratioText(ratio)} on ${formatDay(date[row] as number)}`)
  const flags = steps
    .slice(0, 3)
    .map(({ row, ratio }) => `--split ${formatDay(date[row] as number)}:${round(ratio)}`)
  return context.report(
    steps.map(({ row }) => row),
    {
      check: 'unadjusted-split',
      severity: 'blocking',
      statement: `The price steps as in a split that was not adjusted for (${named.join(', ')})`,
      remedy:
        `Fetch split-adjusted prices, or have the file adjusted: ${flags.join(' ')}. If the move ` +
        'was real, accept it: --accept unadjusted-split:DATE.',
    },
  )
}

/** Moves of more than half within one session that are no splits. */
export const checkPriceSteps: Check = (context) => {
  const { bars, limits, isOrdered } = context
  const splits = new Set(findSplitSteps(context).map(({ row }) => row))
  const isStep = (i: number) => {
    const move =
      ((bars.close[i] as number) * knownRatio(context, i)) / (bars.close[i - 1] as number)
    return Math.abs(move - 1) > limits.priceStepFraction && !splits.has(i)
  }
  return context.report(isOrdered ? rowsWhere(bars.date.length, isStep, 1) : [], {
    check: 'price-step',
    severity: 'warning',
    statement: `The price moved by more than ${limits.priceStepFraction * 100} % from the session before`,
    remedy: 'If it was not news, correct the price or adjust for the split.',
  })
}

/** A volume that moves to another level and stays there: other units, or a split half adjusted. */
export const checkVolumeLevel: Check = (context) => {
  const { bars, limits, isOrdered } = context
  const { volume, date } = bars
  const factor = limits.volumeLevelFactor
  const isFarFrom = (a: number, b: number) => a > factor * b || b > factor * a
  const rows = rowsWhere(
    isOrdered ? date.length - LEVEL_SESSIONS : 0,
    (i) => {
      if (!isFarFrom(volume[i] as number, volume[i - 1] as number)) return false
      const before = median(volume.slice(i - LEVEL_SESSIONS, i))
      const after = median(volume.slice(i, i + LEVEL_SESSIONS))
      return isFarFrom(after, before) && knownRatio(context, i) === 1
    },
    LEVEL_SESSIONS,
  )
  return context.report(rows, {
    check: 'volume-level',
    severity: 'warning',
    statement: `The volume changes its level by more than ${factor} times and stays there`,
    remedy: 'Check that the volume has one unit throughout and is adjusted for the same splits.',
  })
}

function findSplitSteps(context: CheckContext): SplitStep[] {
  const { bars, isOrdered } = context
  const steps: SplitStep[] = []
  for (let row = 1; isOrdered && row < bars.date.length; row++) {
    const step =
      ((bars.open[row] as number) * knownRatio(context, row)) / (bars.close[row - 1] as number)
    if (!(step >= SMALLEST_SPLIT_STEP || step <= 1 / SMALLEST_SPLIT_STEP)) continue
    const ratio = matchingRatio(step) ?? listedRatio(context, row, step)
    if (ratio !== undefined && !isNews(context, row, ratio)) steps.push({ row, ratio })
  }
  return steps
}

/** The split ratio that this overnight step looks like. */
function matchingRatio(step: number): number | undefined {
  const isForward = step < 1
  const size = isForward ? 1 / step : step
  const found = SPLIT_RATIOS.find((ratio) => Math.abs(size / ratio - 1) <= OVERNIGHT_TOLERANCE)
  return found === undefined || isForward ? found : 1 / found
}

/** An unusual ratio counts when the source lists it for the day and yet has not applied it. */
function listedRatio({ bars }: CheckContext, row: number, step: number): number | undefined {
  const listed = splitOn(bars.splits, bars.date[row] as number)
  if (bars.basis === 'raw' || listed === undefined) return undefined
  return Math.abs(step * listed.ratio - 1) <= OVERNIGHT_TOLERANCE ? listed.ratio : undefined
}

function isNews({ bars }: CheckContext, row: number, ratio: number): boolean {
  const usual = median(bars.volume.slice(Math.max(0, row - LEVEL_SESSIONS), row))
  return (bars.volume[row] as number) > NEWS_VOLUME_FACTOR * Math.max(1, ratio) * usual
}

/** The ratio of a split that raw prices are known to have that day; 1 otherwise. */
function knownRatio({ bars }: CheckContext, row: number): number {
  if (bars.basis !== 'raw' || bars.splits.length === 0) return 1
  return splitOn(bars.splits, bars.date[row] as number)?.ratio ?? 1
}

function splitOn(splits: readonly Split[], day: number): Split | undefined {
  return splits.find((split) => split.day === day)
}

function median(values: Float64Array): number {
  return values.sort()[Math.floor(values.length / 2)] ?? Number.NaN
}

/** `3:2` for 1.5, `2:1` for 2, `1:10` for 0.1. */
function ratioText(ratio: number): string {
  const [first, second] = ratio >= 1 ? [ratio, 1] : [1, 1 / ratio]
  const scale = Number.isInteger(first * 2) && !Number.isInteger(first) ? 2 : 1
  return `${round(first * scale)}:${round(second * scale)}`
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
