/** Tests that need no benchmark: is the direction foreseen, do the intervals hold what they promise. */
import type { Backtest, ForecastTrack, TestResult } from './backtest.ts'
import { intervalMisses } from './scores.ts'
import { pesaranTimmermann } from './skill/direction.ts'
import { christoffersen } from './skill/interval-coverage.ts'

export interface CalibrationTests {
  /** Pesaran–Timmermann: are forecast and outcome signs independent? One-sided p. */
  readonly pesaranTimmermann: TestResult
  /** Kupiec: is the share of misses the promised one? */
  readonly kupiec80: TestResult
  readonly kupiec95: TestResult
  /** Christoffersen: do misses come independently of each other? */
  readonly christoffersen80: TestResult
  readonly christoffersen95: TestResult
}

/**
 * Tests one model's days; of a horizon of h sessions every h-th, since overlapping outcomes cluster
 * by themselves.
 *
 * @param pit Probability integral transforms of the outcomes [n].
 */
export function calibrationTests(
  backtest: Backtest,
  track: ForecastTrack,
  pit: Float64Array,
): CalibrationTests {
  const { horizon, outcome } = backtest
  const apart = (column: Float64Array) => column.filter((_, row) => row % horizon === 0)
  const intervals = (level: number) => christoffersen(intervalMisses(apart(pit), level), 1 - level)
  const [inner, outer] = [intervals(0.8), intervals(0.95)]
  return {
    pesaranTimmermann: pesaranTimmermann(apart(track.location), apart(outcome)),
    kupiec80: inner.coverage,
    kupiec95: outer.coverage,
    christoffersen80: inner.independence,
    christoffersen95: outer.independence,
  }
}
