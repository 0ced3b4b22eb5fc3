/** `tickerflow forecast`: the next sessions, by what is in Production. */

import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { assertNotBlocked } from '../market/quality.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Application } from '../pipeline/application.ts'
import { type CalibratedInterval, calibratedInterval } from '../pipeline/calibrated-answer.ts'
import { type IssuedSession, issueForecasts } from '../pipeline/issuing/issue-forecasts.ts'
import { inspectBars, NO_ROWS_TO_FIT_ON } from '../pipeline/market-data.ts'
import { answerForecast } from '../pipeline/next-forecast.ts'
import { forecasterName } from '../registry/forecaster-name.ts'
import { withContext } from './context.ts'
import { configOf, type DataOptions } from './flags.ts'
import { forecastWords } from './forecast-words.ts'
import { dollars, percent } from './words.ts'

export interface ForecastOptions extends DataOptions {
  readonly modelVersion?: number
  /** One of those that the version forecasts; left out, its first. */
  readonly horizon?: number
  /** Issue the session's forecasts for the ledger, too. */
  readonly record?: boolean
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
    const recorded =
      options.record === true ? { recorded: await recordSession(app, { config, signal }) } : {}
    const calibrated = calibratedInterval(app.database, reply.forecast, {
      model: modelName,
      level: config.coverageObjective,
    })
    const document = {
      symbol: own.bars.symbol,
      asOf: formatDay(reply.forecast.asOf),
      model: modelName,
      version: String(reply.version.version),
      historical: own.historical,
      ...reply.document,
      calibrated,
      ...recorded,
    }
    answer(document, () =>
      [
        forecastWords(document, reply.document),
        ...(calibrated === null ? [] : [calibratedWords(calibrated)]),
        ...(recorded.recorded === undefined ? [] : recordedWords(recorded.recorded)),
      ].join('\n'),
    )
  })
}

/** @throws {TickerflowError} What kept the session from being recorded. */
async function recordSession(
  app: Application,
  { config, signal }: { readonly config: Config; readonly signal: AbortSignal },
): Promise<IssuedSession> {
  const { issued, problems } = await issueForecasts(app, {
    config,
    symbols: [config.symbol],
    chain: 'cli',
    signal,
  })
  const [session] = issued
  if (session !== undefined) return session
  const [problem] = problems
  throw new TickerflowError(
    problem?.code ?? 'NOT_FOUND',
    problem?.message ?? `Nothing was issued for ${config.symbol}.`,
  )
}

function calibratedWords({ level, lower, upper, ...live }: CalibratedInterval): string {
  const { observedCoverage, matured } = live
  return (
    `  calibrated ${percent(level)} between ${dollars(lower)} and ${dollars(upper)}; ` +
    `such intervals held ${percent(observedCoverage)} of ${matured} outcomes`
  )
}

function recordedWords({ lines, notes }: IssuedSession): string[] {
  const roles = lines.map(({ role, model, late }) => `${model} (${role}${late ? ', late' : ''})`)
  return [`  recorded: ${roles.join(', ')}`, ...notes.map((note) => `  not recorded: ${note}`)]
}
