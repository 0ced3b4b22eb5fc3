/** The last forecasts of a backtest as price intervals, beside the closes that followed. */
import { exp } from '../../numerics/elementary.ts'
import { studentTQuantile } from '../../numerics/student-t.ts'
import type { Backtest, ForecastTrack } from '../backtest.ts'

/** Where a close fell in the forecast made before it. */
export type Fall = 'inside80' | 'inside95' | 'outside'

/** One forecast and its outcome, in prices. */
export interface DayAhead {
  /** Day on which the forecast was made, days since 1970-01-01. */
  readonly asOf: number
  readonly interval80: readonly [number, number]
  readonly interval95: readonly [number, number]
  /** The close at the end of the horizon. */
  readonly realised: number
  readonly fall: Fall
}

/** The last `most` rows of a track, oldest first. */
export function dayAheadForecasts(
  backtest: Backtest,
  track: ForecastTrack,
  most: number,
): readonly DayAhead[] {
  const count = backtest.date.length
  const rows = Array.from(
    { length: Math.min(most, count) },
    (_, k) => count - Math.min(most, count) + k,
  )
  return rows.map((row) => dayAhead(backtest, track, row))
}

function dayAhead(backtest: Backtest, track: ForecastTrack, row: number): DayAhead {
  const reference = backtest.referenceClose[row] as number
  const realised = reference * exp(backtest.outcome[row] as number)
  const interval80 = priceInterval(track, row, { reference, level: 0.8 })
  const interval95 = priceInterval(track, row, { reference, level: 0.95 })
  const fall = within(realised, interval80)
    ? 'inside80'
    : within(realised, interval95)
      ? 'inside95'
      : 'outside'
  return { asOf: backtest.date[row] as number, interval80, interval95, realised, fall }
}

function priceInterval(
  track: ForecastTrack,
  row: number,
  { reference, level }: { readonly reference: number; readonly level: number },
): readonly [number, number] {
  const reach =
    (track.scale[row] as number) *
    studentTQuantile((1 + level) / 2, track.degreesOfFreedom[row] as number)
  const location = track.location[row] as number
  return [reference * exp(location - reach), reference * exp(location + reach)]
}

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high
}
