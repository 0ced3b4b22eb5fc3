/** Answers questions for forecasts: which model, which bars, what may be concluded, what is recorded. */
import { isTickerflowError } from '../../errors.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { lowerBound } from '../../features/windows.ts'
import { type Forecast, priceInterval } from '../../forecast/forecast.ts'
import type { Bars, PriceSeries } from '../../market/bars.ts'
import { parseSymbol } from '../../market/symbol.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { formatDay, parseIsoDate } from '../../market/trading-date.ts'
import { outlyingness } from '../../monitoring/drift/usual-inputs.ts'
import { STALE_SESSIONS } from '../../pipeline/next-forecast.ts'
import { forecastDocument } from '../../pipeline/run-document.ts'
import type { GuardedEnvironment } from '../../registry/environments.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import type { LiveModels } from '../models/live-models.ts'
import { type ServedModel, servedAt } from '../models/served-model.ts'
import { Refusal } from '../refusal.ts'
import { createBaselines } from './baselines.ts'
import type { CurrentBars, CurrentSeries } from './current-bars.ts'
import type { BarsBody, ForecastAnswer, ForecastQuery } from './forecast-schemas.ts'
import type { RecordForecasts, ServedForecast } from './recording.ts'
import { barsOfRequest } from './supplied-bars.ts'

export interface ForecastDeskOptions {
  readonly models: LiveModels
  readonly market: CurrentBars
  /** For bars that come with a request. */
  readonly calendarOf: (bars: { readonly date: Int32Array }) => TradingCalendar
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Left out: forecasts are not recorded. */
  readonly record?: RecordForecasts | undefined
  /** The interval that has learnt from past outcomes; `null` while nothing is known. */
  readonly calibrated: (forecast: Forecast, model: string) => ForecastAnswer['calibrated']
  /** Which environment's version answers a request. */
  readonly routeOf: (requestId: string) => GuardedEnvironment
  /** Asked for the same forecast after the answer; told what became of it. */
  readonly onShadow?: ((shadow: ShadowForecast) => void) | undefined
  /** Told after the answer of each forecast that Production made from stored bars. */
  readonly onAnswered?: ((answered: AnsweredForecast) => void) | undefined
}

/** What the others are asked about, so that they can be compared later. */
export interface AnsweredForecast extends View {
  readonly model: ServedModel
  /** SHA-256 (hex) of the bars. */
  readonly inputs: string
}

export interface ShadowForecast {
  readonly requestId: string
  readonly model: string
  readonly version: number
  readonly forecast: Forecast
  readonly answered: ForecastAnswer
}

export interface ForecastQuestion extends ForecastQuery {
  readonly symbol: string
  readonly requestId: string
  /** Registered model; left out, the one of the symbol. */
  readonly model?: string | undefined
  readonly bars?: BarsBody | undefined
}

export interface ForecastDesk {
  /** @throws {Refusal | TickerflowError} When there is no forecast to give. */
  answer(question: ForecastQuestion): Promise<ForecastAnswer>
}

/** The features that a model reads, and the row at whose close it speaks. */
interface View {
  readonly frame: FeatureFrame
  readonly at: number
}

/** What a forecast is made from. */
interface Origin extends View {
  /** The same moment for another model, which reads other features. */
  viewFor(model: ServedModel): View
  readonly inputs: string
  /** Sessions known up to the row. */
  readonly sessions: number
  /** Sessions that ended since the row. */
  readonly ageSessions: number
  readonly historical: boolean
  readonly supplied: boolean
}

export function createForecastDesk(options: ForecastDeskOptions): ForecastDesk {
  const baselineOf = createBaselines()

  const storedSeries = async (symbol: string): Promise<CurrentSeries | undefined> => {
    try {
      return await options.market.of(symbol)
    } catch (error) {
      if (isTickerflowError(error)) return undefined
      throw error
    }
  }

  const answerWith = async (
    model: ServedModel,
    environment: GuardedEnvironment,
    { question, origin }: { readonly question: ForecastQuestion; readonly origin: Origin },
  ): Promise<ForecastAnswer> => {
    const { requestId, level } = question
    const forecast = forecastAt(model, origin)
    const learnt = origin.supplied ? (await storedSeries(forecast.symbol))?.frame : origin.frame
    const baseline = learnt === undefined ? undefined : baselineOf(model, learnt)
    const served = { inputs: origin.inputs, supplied: origin.supplied, requestId }
    const { name, version } = model
    const champion: ServedForecast = { forecast, model: name, version, role: 'champion', ...served }
    const naive: ServedForecast[] =
      baseline === undefined
        ? []
        : [
            {
              forecast: { ...forecast, distribution: baseline.distribution },
              model: 'naive',
              version: 0,
              role: 'baseline',
              ...served,
            },
          ]
    const recorded = await isRecorded(options.record, [champion, ...naive])
    const reasons = [
      ...reasonsAgainst(model, environment, origin),
      ...(recorded ? [] : ['unrecorded']),
    ]
    return {
      symbol: forecast.symbol,
      asOf: formatDay(forecast.asOf),
      model: name,
      version: String(version),
      kind: model.kind,
      trainedTo: model.trainedTo,
      environment,
      ...spread(forecastDocument(forecast, reasons)),
      distribution: forecast.distribution,
      interval: level === undefined ? null : intervalOf(forecast, level),
      calibrated: origin.supplied ? null : options.calibrated(forecast, name),
      historical: origin.historical,
      dataAgeSessions: origin.ageSessions,
      baseline: baseline?.at(forecast.referenceClose) ?? null,
    }
  }

  return {
    async answer(question) {
      const symbol = parseSymbol(question.symbol)
      const name = question.model ?? forecasterName(symbol)
      const { model: found, environment } = await modelFor(options, name, question.requestId)
      const model = coveringModel(found, { ...question, symbol })
      const own = question.bars === undefined ? undefined : await storedSeries(symbol)
      const origin =
        question.bars === undefined
          ? originOfStored(await options.market.of(symbol), question.asOf)
          : originOfSupplied(options, { ...question, symbol }, { bars: question.bars, model, own })
      const answered = await answerWith(model, environment, { question, origin })
      if (options.onShadow !== undefined) {
        setImmediate(() => void shadow(options, { name, model, question, origin, answered }))
      }
      if (!origin.supplied && environment === 'production') {
        const { frame, at, inputs } = origin
        options.onAnswered?.({ model, frame, at, inputs })
      }
      return answered
    },
  }
}

async function modelFor(options: ForecastDeskOptions, name: string, requestId: string) {
  const environment = options.routeOf(requestId)
  const chosen = await options.models.answering(name, environment)
  if (chosen !== undefined) return { model: chosen, environment }
  const model = await options.models.answering(name)
  if (model !== undefined) return { model, environment: 'production' as const }
  throw new Refusal({
    status: 404,
    type: 'nothing-in-production',
    detail: `No version of ${name} is in Production. Run the lifecycle first: tickerflow run --symbol …`,
  })
}

/** @throws {Refusal} On a horizon or a symbol that the version was not trained for. */
function coveringModel(found: ServedModel, { symbol, horizon }: ForecastQuestion): ServedModel {
  const { name, version } = found
  const model = servedAt(found, horizon)
  if (model === undefined) {
    const horizons = [found, ...found.further].map(({ forecaster }) => forecaster.horizon)
    const detail = `${name} version ${version} forecasts ${horizons.join(', ')} session(s) ahead, not ${horizon}.`
    throw new Refusal({ status: 422, type: 'horizon-not-covered', detail })
  }
  if (model.symbol === symbol) return model
  const detail = `${name} version ${version} was trained for ${model.symbol}, not for ${symbol}.`
  throw new Refusal({ status: 422, type: 'symbol-not-covered', detail })
}

function originOfStored(series: CurrentSeries, asOf: string | undefined): Origin {
  const { frame, bars, historical } = series
  const at = rowOf(frame, asOf)
  const ageSessions = series.ageSessions + (frame.date.length - 1 - at)
  const viewFor = (): View => ({ frame, at })
  const sessions = at + 1
  return {
    frame,
    at,
    viewFor,
    inputs: bars.digest,
    sessions,
    ageSessions,
    historical,
    supplied: false,
  }
}

interface Supplied {
  readonly bars: BarsBody
  readonly model: ServedModel
  /** What is stored of the same symbol. */
  readonly own: CurrentSeries | undefined
}

function originOfSupplied(
  options: ForecastDeskOptions,
  { symbol, asOf }: ForecastQuestion,
  { bars: body, model, own }: Supplied,
): Origin {
  const nowMs = options.clock()
  const historical = own?.historical ?? false
  const { calendarOf } = options
  const all = barsOfRequest(symbol, body, { calendarOf, nowMs, historical })
  const end = rowOf({ symbol, date: all.date }, asOf) + 1
  const last = all.date[end - 1] ?? 0
  const ageSessions = historical ? 0 : sessionsSince(options.calendarOf(all), last, nowMs)
  const viewFor = ({ lookback, features, forecaster }: ServedModel): View => {
    const frame = buildFeatureFrame(cutTo(all, end, lookback), features, forecaster.frameRows)
    return { frame, at: frame.date.length - 1 }
  }
  const view = viewFor(model)
  const inputs = all.digest
  return { ...view, viewFor, inputs, sessions: end, ageSessions, historical, supplied: true }
}

/** The model's lookback up to the row, not copied: older bars cannot change a bit of the forecast. */
function cutTo(bars: Bars, end: number, lookback: number): PriceSeries {
  const from = Math.max(0, end - lookback)
  const { symbol, date, open, high, low, close, volume } = bars
  const cut = (column: Float64Array) => column.subarray(from, end)
  return {
    symbol,
    date: date.subarray(from, end),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
}

/** Counted up to where it makes no difference: more than a year is old in any case. */
function sessionsSince(calendar: TradingCalendar, last: number, nowMs: number): number {
  const known = calendar.lastCompleteSession(nowMs)
  return known <= last ? 0 : calendar.sessionsBetween(last + 1, known).length
}

function rowOf(
  { symbol, date }: { readonly symbol: string; readonly date: Int32Array },
  asOf: string | undefined,
): number {
  if (asOf === undefined) return date.length - 1
  const day = parseIsoDate(asOf)
  const row = day === undefined ? -1 : lowerBound(date, day)
  if (row >= 0 && date[row] === day) return row
  const [first, last] = [formatDay(date[0] ?? 0), formatDay(date.at(-1) ?? 0)]
  const detail = `${asOf} is no session of the bars of ${symbol}, which run from ${first} to ${last}.`
  throw new Refusal({ status: 422, type: 'no-such-session', detail })
}

function forecastAt(model: ServedModel, { frame, at, sessions }: Origin): Forecast {
  const forecast = model.forecaster.forecast(frame, at)
  if (forecast !== undefined) return forecast
  const detail =
    `${model.name} version ${model.version} reads ${model.lookback} sessions without a gap up to ` +
    `${formatDay(frame.date[at] ?? 0)}; ${frame.symbol} has ${sessions} sessions up to then, and not ` +
    'all inputs in that window. Give a longer history, or repair the missing values.'
  throw new Refusal({ status: 422, type: 'data-insufficient', detail })
}

function reasonsAgainst(
  model: ServedModel,
  environment: GuardedEnvironment,
  { frame, at, ageSessions }: Origin,
): string[] {
  const { name, version, trainedTo } = model
  const asOf = formatDay(frame.date[at] ?? 0)
  return [
    ...(environment === 'production' ? [] : [`${name} version ${version} is not in Production`]),
    ...model.reservations,
    ...(ageSessions > STALE_SESSIONS ? [`prices are ${ageSessions} sessions old`] : []),
    ...unusualInputs(model, { frame, at }),
    ...(asOf < trainedTo ? [`the model was trained to ${trainedTo}, beyond ${asOf}`] : []),
  ]
}

function unusualInputs({ usual }: ServedModel, { frame, at }: View): string[] {
  if (usual === undefined) return []
  const ratio = outlyingness(usual, frame, at)
  if (!(ratio > 1)) return []
  return [
    `the inputs are unlike those of all ${usual.sessions} training sessions: ${ratio.toFixed(2)} times as far out as the farthest`,
  ]
}

async function isRecorded(
  record: RecordForecasts | undefined,
  forecasts: readonly ServedForecast[],
): Promise<boolean> {
  if (record === undefined) return true
  try {
    await record(forecasts)
    return true
  } catch {
    return false
  }
}

function intervalOf(forecast: Forecast, level: number) {
  const [low, high] = priceInterval(forecast, level)
  return { level, low, high }
}

/** The document's pairs and lists as plain arrays, as the answer's schema has them. */
function spread(document: ReturnType<typeof forecastDocument>) {
  const { interval80, interval95, reasons, ...rest } = document
  return {
    ...rest,
    interval80: [...interval80],
    interval95: [...interval95],
    reasons: [...reasons],
  }
}

interface ShadowQuestion {
  readonly name: string
  readonly model: ServedModel
  readonly question: ForecastQuestion
  readonly origin: Origin
  readonly answered: ForecastAnswer
}

/** What Staging would have answered; a failure of it is its own. */
async function shadow(
  options: ForecastDeskOptions,
  { name, model, question, origin, answered }: ShadowQuestion,
): Promise<void> {
  const { requestId } = question
  try {
    const staged = await options.models.answering(name, 'staging')
    const other = staged && servedAt(staged, model.forecaster.horizon)
    if (other === undefined || other.version === model.version) return
    const { frame, at } = origin.viewFor(other)
    const forecast = other.forecaster.forecast(frame, at)
    if (forecast === undefined) return
    const { version } = other
    const { inputs, supplied } = origin
    await isRecorded(options.record, [
      { forecast, model: name, version, role: 'shadow', inputs, supplied, requestId },
    ])
    options.onShadow?.({ requestId, model: name, version, forecast, answered })
  } catch {
    // The registry's trouble is reported where it is met; the answer has long been given.
  }
}
