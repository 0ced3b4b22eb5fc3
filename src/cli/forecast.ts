/** `tickerflow forecast`: the next sessions, by what is in Production. */
import { buildFeatureFrame } from '../features/build-frame.ts'
import { assertNotBlocked } from '../market/quality.ts'
import { formatDay } from '../market/trading-date.ts'
import { inspectBars, NO_ROWS_TO_FIT_ON } from '../pipeline/market-data.ts'
import { answerForecast } from '../pipeline/next-forecast.ts'
import { forecasterName } from '../registry/forecaster-name.ts'
import { withContext } from './context.ts'
import { configOf, type DataOptions } from './flags.ts'
import { forecastWords } from './forecast-words.ts'

export interface ForecastOptions extends DataOptions {
  readonly modelVersion?: number
  /** One of those that the version forecasts; left out, its first. */
  readonly horizon?: number
}

export async function forecast({ horizon, ...options }: ForecastOptions): Promise<void> {
  await withContext(options, configOf(options), async ({ app, config, signal, answer }) => {
    const { symbol } = config
    const limits = NO_ROWS_TO_FIT_ON
    const own = await inspectBars(app, { symbol, csv: options.csv, config, signal, limits })
    assertNotBlocked(own.bars, own.findings)
    const frame = buildFeatureFrame(own.bars)
    const modelName = forecasterName(own.bars.symbol)
    const { modelVersion } = options
    const asked = modelVersion === undefined ? {} : { versionNumber: modelVersion }
    const reply = await answerForecast(app, { modelName, own, frame, horizon, ...asked })
    const document = {
      symbol: own.bars.symbol,
      asOf: formatDay(reply.forecast.asOf),
      model: modelName,
      version: String(reply.version.version),
      historical: own.historical,
      ...reply.document,
    }
    answer(document, () => forecastWords(document, reply.document))
  })
}
