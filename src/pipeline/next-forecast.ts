/** The forecast of what comes next: by what is live, else by the candidate, marked as such. */
import { TickerflowError } from '../errors.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { Forecast } from '../forecast/forecast.ts'
import type { FittedForecaster } from '../forecast/forecaster.ts'
import { formatDay } from '../market/trading-date.ts'
import type { ModelVersion } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { type LiveModel, liveModel, modelOfVersion } from './champion.ts'
import type { CheckedBars } from './market-data.ts'
import { type ForecastDocument, forecastDocument } from './run-document.ts'

/** Sessions after which prices are too old to forecast from. */
export const STALE_SESSIONS = 1

export interface ForecastAnswer {
  readonly forecast: Forecast
  readonly document: ForecastDocument
  /** The version that made it. */
  readonly version: ModelVersion
  readonly isLive: boolean
}

export interface ForecastQuestion {
  readonly modelName: string
  readonly own: CheckedBars
  readonly frame: FeatureFrame
  /** This version instead of the live one. */
  readonly versionNumber?: number
  /** What answers while nothing is live, or what is live forecasts another horizon. */
  readonly fallback?: { readonly version: ModelVersion; readonly forecaster: FittedForecaster }
}

/** @throws {TickerflowError} NOT_FOUND when nothing is live and there is no fallback. */
export async function answerForecast(
  app: Application,
  question: ForecastQuestion,
): Promise<ForecastAnswer> {
  const { modelName, own, frame, versionNumber, fallback } = question
  const live = await liveModel(app, modelName)
  const asked =
    versionNumber === undefined
      ? undefined
      : await modelOfVersion(app, { name: modelName, version: versionNumber })
  const source = asked ?? (answersFor(live, fallback) ? live : fallback)
  if (source === undefined) throw nothingLive(modelName)
  const { version, forecaster } = source
  const forecast = forecastLatest(forecaster, frame)
  const isLive = version.version === live?.version.version
  const reasons = [
    ...(isLive ? [] : [`${modelName} version ${version.version} is not in Production`]),
    ...(own.ageSessions > STALE_SESSIONS ? [`prices are ${own.ageSessions} sessions old`] : []),
  ]
  return { forecast, document: forecastDocument(forecast, reasons), version, isLive }
}

function answersFor(live: LiveModel | undefined, fallback: ForecastQuestion['fallback']): boolean {
  if (live === undefined || fallback === undefined) return live !== undefined
  return live.forecaster.horizon === fallback.forecaster.horizon
}

function forecastLatest(forecaster: FittedForecaster, frame: FeatureFrame): Forecast {
  const last = frame.date.length - 1
  const forecast = forecaster.forecast(frame, last)
  if (forecast !== undefined) return forecast
  throw new TickerflowError(
    'DATA_INSUFFICIENT',
    `${forecaster.model} reads ${forecaster.lookback} sessions without a gap up to ` +
      `${formatDay(frame.date[last] ?? 0)}; ${frame.symbol} has ${frame.date.length} sessions and ` +
      'not all inputs in that window. Give a longer history, or repair the missing values.',
    { details: { symbol: frame.symbol, lookback: forecaster.lookback } },
  )
}

function nothingLive(modelName: string): TickerflowError {
  return new TickerflowError(
    'NOT_FOUND',
    `No version of ${modelName} is in Production. Run the lifecycle first: tickerflow run --symbol …`,
    { details: { model: modelName } },
  )
}
