/** What calibration does to the coverage of a backtest's intervals, before and after. */
import {
  adaptiveConformalLevels,
  coverageAt,
  splitConformalLevels,
} from '../forecast/calibration/calibrated-levels.ts'
import type { Backtest } from './backtest.ts'

/** Shares of outcomes inside the 80 % and the 95 % interval. Field names are a contract of `--json`. */
export interface Coverage {
  readonly coverage80: number
  readonly coverage95: number
}

export interface CalibratedCoverage {
  /** Of the forecasts as they are. */
  readonly uncalibrated: Coverage
  /** One level per fold, from the outcomes of the folds before it. */
  readonly splitConformal: Coverage
  /** A level for each day, led by the misses until then. */
  readonly adaptiveConformal: Coverage
}

const NOMINAL = [0.8, 0.95] as const

/**
 * Calibrates each model's intervals as it could have been done on the day.
 *
 * @param pit Probability integral transforms of the outcomes [n], by model.
 */
export function calibratedCoverage(
  { fold, horizon }: Pick<Backtest, 'fold' | 'horizon'>,
  pit: Readonly<Record<string, Float64Array>>,
): Readonly<Record<string, CalibratedCoverage>> {
  const models = Object.entries(pit).map(([model, values]) => {
    const [adaptive80, adaptive95] = adaptiveConformalLevels(values, { nominal: NOMINAL, horizon })
    const split = (nominal: number) => splitConformalLevels(values, { fold, horizon, nominal })
    const coverage = (inner: ArrayLike<number>, outer: ArrayLike<number>): Coverage => ({
      coverage80: coverageAt(values, inner),
      coverage95: coverageAt(values, outer),
    })
    const fixed = (nominal: number) => new Float64Array(values.length).fill(nominal)
    const calibrated: CalibratedCoverage = {
      uncalibrated: coverage(fixed(0.8), fixed(0.95)),
      splitConformal: coverage(split(0.8), split(0.95)),
      adaptiveConformal: coverage(adaptive80 ?? [], adaptive95 ?? []),
    }
    return [model, calibrated] as const
  })
  return Object.fromEntries(models)
}

/** Means over several symbols' backtests. */
export function meanCoverage(
  each: readonly Readonly<Record<string, CalibratedCoverage>>[],
): Readonly<Record<string, CalibratedCoverage>> {
  const models = Object.keys(each[0] ?? {}).map((model) => {
    const all = each.flatMap((one) => one[model] ?? [])
    const mean = (kind: keyof CalibratedCoverage): Coverage => ({
      coverage80: all.reduce((sum, one) => sum + one[kind].coverage80, 0) / all.length,
      coverage95: all.reduce((sum, one) => sum + one[kind].coverage95, 0) / all.length,
    })
    const means: CalibratedCoverage = {
      uncalibrated: mean('uncalibrated'),
      splitConformal: mean('splitConformal'),
      adaptiveConformal: mean('adaptiveConformal'),
    }
    return [model, means] as const
  })
  return Object.fromEntries(models)
}
