/** The share of recent outcomes inside central intervals, read off their PIT values. */

/** Sessions in the window of a backtest that is long enough. */
const COVERAGE_WINDOW = 250
/** Fewest test days from which a rolling share says anything. */
export const COVERAGE_MINIMUM = 60

/** The window that suits `count` test days: 250, or half of them if there are fewer than 500. */
export function coverageWindow(count: number): number {
  return Math.min(COVERAGE_WINDOW, Math.floor(count / 2))
}

/**
 * Share of the last `window` outcomes inside the central interval of probability `level`.
 *
 * @param pit Values in [0, 1] [n]; one that is not a number counts as outside.
 * @returns [n]; NaN until the window is full.
 */
export function rollingCoverage(pit: Float64Array, level: number, window: number): Float64Array {
  const tail = (1 - level) / 2
  const inside = (i: number): number => {
    const value = pit[i] ?? Number.NaN
    return value >= tail && value <= 1 - tail ? 1 : 0
  }
  let hits = 0
  return pit.map((_, i) => {
    hits += inside(i) - (i >= window ? inside(i - window) : 0)
    return i >= window - 1 ? hits / window : Number.NaN
  })
}

/** Half the width of the range that holds about 95 % of such shares when coverage is right. */
export function coverageMargin(level: number, window: number): number {
  return 1.959963984540054 * Math.sqrt((level * (1 - level)) / window)
}
