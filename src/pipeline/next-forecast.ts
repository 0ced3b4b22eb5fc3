/** The forecast of what comes next: by what is live, else by the candidate, marked as such. */
import { TickerflowError } from '../errors.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { Forecast } from '../forecast/forecast.ts'
import type { FittedForecaster } from '../forecast/forecaster.ts'
import { formatDay } from '../market/trading-date.ts'
import { reasonsAgainstHorizon } from '../registry/horizon-verdicts.ts'
import type { ModelVersion } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { type LiveModel, liveModel, modelOfVersion } from './champion.ts'
import type { CheckedBars } from './market-data.ts'
import { forecasterAt } from './model-file.ts'
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
  /** Sessions ahead; left out, the fallback's, else the first of the version's. */
  readonly horizon?: number | undefined
  /** What answers while nothing is live, or what is live forecasts other horizons. */
  readonly fallback?: VersionForecasters
}

export type VersionForecasters = Pick<LiveModel, 'version' | 'forecaster' | 'further'>

/**
 * @throws {TickerflowError} NOT_FOUND when nothing is live and there is no fallback, or nothing
 *   forecasts the horizon.
 */
export async function answerForecast(
  app: Application,
  question: ForecastQuestion,
): Promise<ForecastAnswer> {
  const { modelName, own, frame, versionNumber, fallback } = question
  const live = await liveModel(app, modelName)
  const sources =
    versionNumber === undefined
      ? [live, fallback]
      : [await modelOfVersion(app, { name: modelName, version: versionNumber })]
  const horizon = question.horizon ?? fallback?.forecaster.horizon
  const { version, forecaster, isFurther } = chooseSource(modelName, sources, horizon)
  const forecast = forecastLatest(forecaster, frame)
  const isLive = version.version === live?.version.version
  const reasons = [
    ...(isLive ? [] : [`${modelName} version ${version.version} is not in Production`]),
    ...(isFurther ? reasonsAgainstHorizon(app.database, version, forecaster.horizon) : []),
    ...(own.ageSessions > STALE_SESSIONS ? [`prices are ${own.ageSessions} sessions old`] : []),
  ]
  return { forecast, document: forecastDocument(forecast, reasons), version, isLive }
}

/** A version with the forecaster of the horizon that was asked for. */
interface Source {
  readonly version: ModelVersion
  readonly forecaster: FittedForecaster
  /** It is not the horizon that the version is promoted on. */
  readonly isFurther: boolean
}

/** The first version that forecasts the horizon. */
function chooseSource(
  modelName: string,
  versions: readonly (VersionForecasters | undefined)[],
  horizon: number | undefined,
): Source {
  const known = versions.filter((one) => one !== undefined)
  for (const one of known) {
    const forecaster = forecasterAt(one, horizon)
    if (forecaster === undefined) continue
    return { version: one.version, forecaster, isFurther: forecaster !== one.forecaster }
  }
  const [first] = known
  if (first === undefined || horizon === undefined) throw nothingLive(modelName)
  throw notCovered(modelName, first, horizon)
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

function notCovered(
  modelName: string,
  { version, forecaster, further }: VersionForecasters,
  horizon: number,
): TickerflowError {
  const horizons = [forecaster, ...further].map((one) => one.horizon)
  return new TickerflowError(
    'NOT_FOUND',
    `${modelName} version ${version.version} forecasts ${horizons.join(', ')} session(s) ahead, not ` +
      `${horizon}. A run with --horizon ${[...horizons, horizon].join(',')} makes a version that does.`,
    { details: { model: modelName, version: version.version, horizons } },
  )
}

function nothingLive(modelName: string): TickerflowError {
  return new TickerflowError(
    'NOT_FOUND',
    `No version of ${modelName} is in Production. Run the lifecycle first: tickerflow run --symbol …`,
    { details: { model: modelName } },
  )
}
