/** Issues and records the forecasts of a session: those of what is live, and all that is held beside. */
import type { Config } from '../../config.ts'
import { type ErrorCode, isTickerflowError, TickerflowError } from '../../errors.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { Forecast } from '../../forecast/forecast.ts'
import { createCalendar } from '../../market/calendar.ts'
import { assertNotBlocked } from '../../market/quality.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { formatDay } from '../../market/trading-date.ts'
import { isLate } from '../../monitoring/ledger/lateness.ts'
import type { ForecastRole, LedgerEntry } from '../../monitoring/ledger/ledger-line.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import type { Application } from '../application.ts'
import { liveModel } from '../champion.ts'
import { type CheckedBars, inspectBars, NO_ROWS_TO_FIT_ON } from '../market-data.ts'
import { companionForecasts } from './companions.ts'

export interface IssueOptions {
  readonly config: Config
  readonly symbols: readonly string[]
  /** Name of the writer's chain, such as `schedule`. */
  readonly chain: string
  readonly signal?: AbortSignal | undefined
}

/** One symbol's forecasts of one session, as recorded. */
export interface IssuedSession {
  readonly symbol: string
  /** `YYYY-MM-DD`. */
  readonly asOf: string
  readonly model: string
  readonly version: number
  readonly lines: readonly IssuedLine[]
  /** Who could not speak, and why. */
  readonly notes: readonly string[]
}

export interface IssuedLine {
  readonly chain: string
  readonly seq: number
  readonly role: ForecastRole
  readonly model: string
  readonly version: number
  readonly horizon: number
  readonly late: boolean
}

export interface IssueResult {
  readonly issued: readonly IssuedSession[]
  /** Symbols without a forecast; the others are not held up by them. */
  readonly problems: readonly IssueProblem[]
}

export interface IssueProblem {
  readonly symbol: string
  readonly code: ErrorCode
  readonly message: string
}

/**
 * For each symbol and each horizon of its Production version: the champion's forecast from the last
 * session, the baselines', that of the champion before and that of Staging's version, recorded in one
 * commit per symbol. Issuing a session twice is harmless: only the first line of a track and day counts.
 *
 * @throws Only what is no TickerflowError, and the reason of an aborted signal.
 */
export async function issueForecasts(
  app: Application,
  { symbols, ...options }: IssueOptions,
): Promise<IssueResult> {
  const issued: IssuedSession[] = []
  const problems: IssueProblem[] = []
  for (const symbol of symbols) {
    options.signal?.throwIfAborted()
    try {
      issued.push(await issueSession(app, parseSymbol(symbol), options))
    } catch (error) {
      if (!isTickerflowError(error)) throw error
      problems.push({ symbol, code: error.code, message: error.message })
    }
  }
  return { issued, problems }
}

async function issueSession(
  app: Application,
  symbol: string,
  { config, chain, signal }: Omit<IssueOptions, 'symbols'>,
): Promise<IssuedSession> {
  const limits = NO_ROWS_TO_FIT_ON
  const checked = await inspectBars(app, { symbol, config, signal, limits })
  assertNotBlocked(checked.bars, checked.findings)
  const model = forecasterName(symbol)
  const live = await liveModel(app, model)
  if (live === undefined) throw nothingLive(model)
  const frame = buildFeatureFrame(checked.bars)
  const at = frame.date.length - 1
  const { version } = live.version
  const spoken = await Promise.all(
    [live.forecaster, ...live.further].map(async (forecaster) => {
      const { horizon } = forecaster
      const forecast = forecaster.forecast(frame, at)
      if (forecast === undefined) throw noForecast(frame, { model, version })
      const moment = { name: model, version, trainedTo: live.trainedTo, horizon, frame, at }
      const others = await companionForecasts(app, moment)
      const own = { forecast, model, version, role: 'champion' as const }
      return { ...others, forecasts: [own, ...others.forecasts] }
    }),
  )
  const stamp = stampOf(app, config, checked)
  const entries = spoken.flatMap(({ forecasts }) => forecasts).map((one) => entryOf(one, stamp))
  const places = await app.openLedger(chain).append(entries)
  const lines = places.map((place, i): IssuedLine => {
    const { role, horizon, late, ...line } = (entries[i] as LedgerEntry).forecast
    return { ...place, role, model: line.model, version: line.version, horizon, late }
  })
  const notes = spoken.flatMap((one) => one.notes)
  return { symbol, asOf: formatDay(frame.date[at] ?? 0), model, version, lines, notes }
}

interface Stamp {
  readonly issuedAtMs: number
  readonly late: boolean
  readonly inputs: string
}

/** For a series that ended in the past on purpose, "now" is its last close. */
function stampOf(app: Application, config: Config, { bars, historical }: CheckedBars): Stamp {
  // The dates of the bars do not say when the next session will be.
  const calendar = createCalendar(config.calendar === 'data' ? 'weekdays' : config.calendar)
  const asOf = bars.date.at(-1) ?? 0
  const isSession = calendar.isSession(asOf)
  const issuedAtMs = historical && isSession ? calendar.closeTime(asOf) : app.clock()
  return { issuedAtMs, late: isLate(calendar, asOf, issuedAtMs), inputs: bars.digest }
}

interface Speaker {
  readonly forecast: Forecast
  readonly model: string
  readonly version: number
  readonly role: ForecastRole
}

function entryOf({ forecast, model, version, role }: Speaker, stamp: Stamp): LedgerEntry {
  const { symbol, horizon, asOf, distribution, referenceClose } = forecast
  const key = { symbol, horizon, model, version, role }
  return { forecast: { ...key, asOf, distribution, referenceClose, ...stamp } }
}

function nothingLive(model: string): TickerflowError {
  const message = `No version of ${model} is in Production: there is nothing to issue. Run the lifecycle first: tickerflow run --symbol …`
  return new TickerflowError('NOT_FOUND', message, { details: { model } })
}

function noForecast(
  { symbol, date }: FeatureFrame,
  { model, version }: { readonly model: string; readonly version: number },
): TickerflowError {
  const message = `${model} version ${version} has not all inputs up to ${formatDay(date.at(-1) ?? 0)}; ${symbol} has ${date.length} sessions. Give a longer history, or repair the missing values.`
  return new TickerflowError('DATA_INSUFFICIENT', message, { details: { symbol } })
}
