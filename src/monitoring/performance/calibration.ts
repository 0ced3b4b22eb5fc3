/** Are the PIT values of matured forecasts uniform, as those of calibrated forecasts are? */
import { chiSquaredSurvival } from '../../numerics/chi-squared.ts'
import type { CalibrationEntry } from '../monitoring-report.ts'

const BINS = 10
/** Five expected in each bin, as usual for a chi-squared test. */
const MINIMUM_DAYS = 5 * BINS

/** @param horizon Sessions ahead: only every h-th day is tested, overlapping outcomes are alike. */
export function calibrationOf(pit: Float64Array, horizon: number): CalibrationEntry {
  const apart = pit.filter((_, row) => row % horizon === 0)
  const expected = apart.length / BINS
  const distance = countBins(apart).reduce(
    (sum, n) => sum + ((n - expected) * (n - expected)) / expected,
    0,
  )
  const uniformP = apart.length < MINIMUM_DAYS ? null : chiSquaredSurvival(distance, BINS - 1)
  return { pitCounts: countBins(pit), uniformP }
}

function countBins(pit: Float64Array): number[] {
  const counts = new Array<number>(BINS).fill(0)
  for (const value of pit) {
    const bin = Math.min(BINS - 1, Math.floor(value * BINS))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}
