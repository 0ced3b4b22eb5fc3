/**
 * Recomputes features and forecasts on histories that end at their day and begin where they say
 * they begin to read: what comes out must be the same to the last bit.
 */
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import type { FittedForecaster } from '../forecast/forecaster.ts'
import type { Bars } from '../market/bars.ts'
import { sliceBars } from '../market/create-bars.ts'
import { formatDay } from '../market/trading-date.ts'
import type { LeakageFinding } from './leakage.ts'

/**
 * Finds features that read further back than their lookback says, or beyond their day.
 *
 * @param rows Of `bars`, each at least the longest lookback from the beginning.
 * @returns One finding per feature, with the first row that gave it away.
 */
export function findTruncationFaults(
  bars: Bars,
  features: readonly Feature[],
  rows: readonly number[],
): LeakageFinding[] {
  const whole = buildFeatureFrame(bars, features)
  return features.flatMap((feature) => {
    const { name, lookback } = feature
    for (const row of rows.filter((one) => one >= lookback - 1)) {
      const cut = buildFeatureFrame(sliceBars(bars, row - lookback + 1, row + 1), [feature])
      const values = [frameColumn(whole, name)[row], frameColumn(cut, name).at(-1)]
      if (Object.is(values[0], values[1])) continue
      const message = featureMessage({ bars, row, feature, values })
      return [{ subject: name, message }]
    }
    return []
  })
}

interface FeatureFault {
  readonly bars: Bars
  readonly row: number
  readonly feature: Feature
  readonly values: readonly (number | undefined)[]
}

function featureMessage({ bars, row, feature, values }: FeatureFault): string {
  const day = formatDay(bars.date[row] ?? 0)
  return (
    `Feature '${feature.name}' of ${bars.symbol} on ${day} is ${values[0]}, but ${values[1]} from ` +
    `the ${feature.lookback} bars up to that day, which are all that it says it reads. Declare the ` +
    'lookback that it has, or make it read no more.'
  )
}

/**
 * Finds a fitted model whose forecast is another one when it gets nothing but its lookback.
 *
 * @param features What the frames are built of.
 * @param rows Of `bars`; those before the model's lookback is filled are left out.
 */
export function findForecastFaults(
  fitted: FittedForecaster,
  bars: Bars,
  { features, rows }: { readonly features: readonly Feature[]; readonly rows: readonly number[] },
): LeakageFinding[] {
  const whole = buildFeatureFrame(bars, features)
  for (const row of rows.filter((one) => one >= fitted.lookback - 1)) {
    const cut = sliceBars(bars, row - fitted.lookback + 1, row + 1)
    const short = buildFeatureFrame(cut, features)
    if (forecastText(fitted, whole, row) === forecastText(fitted, short, cut.date.length - 1))
      continue
    const day = formatDay(bars.date[row] ?? 0)
    const message =
      `Model '${fitted.model}' forecasts ${bars.symbol} differently on ${day} from the ` +
      `${fitted.lookback} bars up to that day, which are all that it says it reads. Make it use no ` +
      'other rows, or declare its lookback.'
    return [{ subject: fitted.model, message }]
  }
  return []
}

function forecastText(fitted: FittedForecaster, frame: FeatureFrame, row: number): string {
  return JSON.stringify(fitted.forecast(frame, row) ?? null)
}
