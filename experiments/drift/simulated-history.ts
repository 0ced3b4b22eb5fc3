/** Simulated markets for the drift experiment: a span without change, and what follows it. */
import { buildFeatureFrame, lookbackOf } from '../../src/features/build-frame.ts'
import { FEATURES } from '../../src/features/feature-set.ts'
import type { Bars } from '../../src/market/bars.ts'
import { createBars } from '../../src/market/create-bars.ts'
import { simulateBars } from '../../test/simulated-bars.ts'

/** Weekday and session gap are of the calendar: no market moves them. */
export const NAMES = FEATURES.map(({ name }) => name).filter(
  (name) => name !== 'weekday' && name !== 'sessionGap',
)
export const REFERENCE_ROWS = 1250
/** Rows after the reference: the longest window, a month, and what an alarm looks back on. */
export const FOLLOWING_ROWS = 310
const WARM_UP = lookbackOf(NAMES) + 250

/** Index of the first bar after the reference. */
export const CHANGE_AT = WARM_UP + REFERENCE_ROWS

export interface History {
  /** The reference's rows, then those that follow, by feature [REFERENCE_ROWS + FOLLOWING_ROWS]. */
  cut(from: number, to: number): ReadonlyMap<string, Float64Array>
}

export interface Market {
  readonly seed: string
  /** α + β of the GARCH volatility; α is 0.08. */
  readonly persistence: number
  /** What happens to the bars from `CHANGE_AT` on. */
  readonly change?: (bars: Bars) => Bars
}

export function simulateHistory({ seed, persistence, change = (bars) => bars }: Market): History {
  const alpha = 0.08
  const sessions = CHANGE_AT + FOLLOWING_ROWS
  const bars = simulateBars({ sessions, seed, alpha, beta: persistence - alpha })
  const { columns } = buildFeatureFrame(change(bars), FEATURES)
  return {
    cut: (from, to) =>
      new Map(
        NAMES.map((name) => [
          name,
          (columns.get(name) as Float64Array).slice(WARM_UP + from, WARM_UP + to),
        ]),
      ),
  }
}

/** The bars with other values from `CHANGE_AT` on. */
export function changeBars(
  bars: Bars,
  column: (name: 'open' | 'high' | 'low' | 'close' | 'volume', values: Float64Array) => void,
): Bars {
  const copy = {
    date: bars.date.slice(),
    open: bars.open.slice(),
    high: bars.high.slice(),
    low: bars.low.slice(),
    close: bars.close.slice(),
    volume: bars.volume.slice(),
  }
  for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) column(name, copy[name])
  return createBars({ ...bars, columns: copy })
}
