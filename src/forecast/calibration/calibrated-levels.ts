/** Calibration over a sequence of forecasts and outcomes: each day's level from earlier days only. */
import { type AdaptiveConformalOptions, createAdaptiveConformal } from './adaptive-conformal.ts'
import { conformityScore, splitConformalLevel } from './split-conformal.ts'

/** Outcomes that a split calibration looks back on: two years, so that it can follow the market. */
const CALIBRATION_DAYS = 504

export interface SplitCalibration {
  /** Refit that each day belongs to [n], not falling. */
  readonly fold: ArrayLike<number>
  /** Sessions ahead; an outcome is known so many days after its forecast. */
  readonly horizon: number
  readonly nominal: number
}

/**
 * Levels [n] of split conformal intervals: one for each fold, from the outcomes of the forecasts
 * before it that were known when it began.
 *
 * @param pit Probability integral transforms of the outcomes [n], in time order.
 */
export function splitConformalLevels(pit: Float64Array, given: SplitCalibration): Float64Array {
  const { fold, horizon, nominal } = given
  const scores = pit.map(conformityScore)
  const levels = new Float64Array(pit.length)
  for (let day = 0; day < pit.length; day++) {
    const begins = day === 0 || fold[day] !== fold[day - 1]
    const known = Math.max(0, day - horizon + 1)
    const past = begins ? scores.subarray(Math.max(0, known - CALIBRATION_DAYS), known) : undefined
    levels[day] = past ? splitConformalLevel(past, nominal) : (levels[day - 1] as number)
  }
  return levels
}

export interface AdaptiveCalibration extends AdaptiveConformalOptions {
  readonly horizon: number
}

/**
 * Levels of adaptive conformal intervals, [n] for each promised coverage: that of a day has learnt
 * from the outcomes known when its forecast was made.
 */
export function adaptiveConformalLevels(
  pit: Float64Array,
  { horizon, ...options }: AdaptiveCalibration,
): readonly Float64Array[] {
  const calibration = createAdaptiveConformal(options)
  const issued: (readonly number[])[] = []
  for (let day = 0; day < pit.length; day++) {
    const known = day - horizon
    if (known >= 0) calibration.observe(pit[known] as number, issued[known] as readonly number[])
    issued.push(calibration.levels())
  }
  return options.nominal.map((_, i) => Float64Array.from(issued, (levels) => levels[i] as number))
}

/** Share of outcomes inside the central interval of each day's own level. */
export function coverageAt(pit: Float64Array, levels: ArrayLike<number>): number {
  let inside = 0
  for (const [day, value] of pit.entries()) {
    if (conformityScore(value) <= (levels[day] as number)) inside++
  }
  return inside / pit.length
}
