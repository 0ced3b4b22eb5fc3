/** The naive forecast beside each answer: the random walk fitted on the very span of the model. */
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { Forecast, StudentTDistribution } from '../../forecast/forecast.ts'
import { priceInterval, priceQuantile, probabilityOfRise } from '../../forecast/forecast.ts'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import { createRandom } from '../../numerics/random.ts'
import type { ServedModel } from '../models/served-model.ts'
import type { ForecastAnswer } from './forecast-schemas.ts'

export interface Baseline {
  readonly distribution: StudentTDistribution
  /** The figures at a reference close. */
  at(referenceClose: number): NonNullable<ForecastAnswer['baseline']>
}

const NAIVE = createForecaster({ name: 'naive' })

/** Fitted once per version: the fit takes as long as dozens of forecasts. */
export function createBaselines(): (
  model: ServedModel,
  frame: FeatureFrame,
) => Baseline | undefined {
  const known = new WeakMap<ServedModel, Map<FeatureFrame, Baseline | undefined>>()
  return (model, frame) => {
    const fitted = known.get(model) ?? new Map<FeatureFrame, Baseline | undefined>()
    known.set(model, fitted)
    if (fitted.has(frame)) return fitted.get(frame)
    if (fitted.size > FRAMES_KEPT) fitted.clear()
    const baseline = fitBaseline(model, frame)
    fitted.set(frame, baseline)
    return baseline
  }
}

const FRAMES_KEPT = 16

function fitBaseline(model: ServedModel, frame: FeatureFrame): Baseline | undefined {
  const { symbol, date } = frame
  const span = { from: date[0] ?? 0, to: parseIsoDate(model.trainedTo) ?? 0 }
  const { horizon } = model.forecaster
  try {
    const fitted = NAIVE.fit({ frames: [frame], symbol, span, horizon, random: createRandom(0) })
    const forecast = fitted.forecast(frame, 0)
    return forecast === undefined ? undefined : describe(forecast)
  } catch {
    // Too few sessions up to the end of the training: there is nothing to compare with.
    return undefined
  }
}

/** The quantiles are those of a return of price 1; prices follow by one product each. */
function describe(forecast: Forecast): Baseline {
  const unit = { ...forecast, referenceClose: 1 }
  const [median, interval80, interval95] = [
    priceQuantile(unit, 0.5),
    priceInterval(unit, 0.8),
    priceInterval(unit, 0.95),
  ]
  const probabilityUp = probabilityOfRise(forecast)
  const { distribution } = forecast
  return {
    distribution,
    at: (close) => ({
      model: 'naive',
      median: close * median,
      interval80: interval80.map((factor) => close * factor),
      interval95: interval95.map((factor) => close * factor),
      probabilityUp,
      distribution,
    }),
  }
}
