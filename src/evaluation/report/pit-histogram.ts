/** Counts probability integral transforms and says how far a calibrated model's counts would stray. */

/** Heights are relative to a uniform distribution: 1 is the expected height of every bin. */
export interface PitHistogram {
  /** Height of each bin. */
  readonly density: readonly number[]
  /** Where about 95 % of the heights of a calibrated model lie, if test days are independent. */
  readonly bandLow: number
  readonly bandHigh: number
  /** Bins whose height is outside the band. */
  readonly outside: number
  /** Values counted. */
  readonly count: number
}

/** Fewest values from which a histogram says anything. */
export const PIT_MINIMUM = 30
const NORMAL_975 = 1.959963984540054

/**
 * Bins the values; fewer bins when there are few of them, so that each expects ten or more.
 *
 * @param pit Values in [0, 1] [n]; those that are not numbers are left out.
 * @returns `undefined` when fewer than `PIT_MINIMUM` values are numbers.
 */
export function pitHistogram(pit: Float64Array): PitHistogram | undefined {
  const values = pit.filter((value) => Number.isFinite(value))
  const count = values.length
  if (count < PIT_MINIMUM) return undefined
  const bins = binsFor(count)
  const density = new Array<number>(bins).fill(0)
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(value * bins)))
    density[bin] = (density[bin] ?? 0) + bins / count
  }
  const margin = NORMAL_975 * Math.sqrt((bins - 1) / count)
  const [bandLow, bandHigh] = [Math.max(0, 1 - margin), 1 + margin]
  const outside = density.filter((height) => height < bandLow || height > bandHigh).length
  return { density, bandLow, bandHigh, outside, count }
}

function binsFor(count: number): number {
  if (count >= 400) return 20
  return count >= 100 ? 10 : 5
}
