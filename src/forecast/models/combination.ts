/** HAR, GARCH and the LSTM as one forecaster, weighted by how they would have scored in the past. */
import { type Static, Type } from 'typebox'
import { TickerflowError } from '../../errors.ts'
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { lowerBound } from '../../features/windows.ts'
import { createForecast, type StudentTDistribution } from '../forecast.ts'
import type {
  DetachedForecaster,
  FitRequest,
  FittedForecaster,
  Forecaster,
  ForecasterOptions,
  SerialisedForecaster,
} from '../forecaster.ts'
import { forwardReturn } from '../labels.ts'
import { modelOptions } from '../model-options.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { combineDistributions, fitWeights, type PastDay } from './combination-weights.ts'
import { garch, restoreGarch } from './garch.ts'
import { HAR_INPUTS, har, restoreHar } from './har.ts'
import { createLstm, lstmFeatures, restoreLstm } from './lstm.ts'
import { attachLstm, detachLstm } from './lstm-weights.ts'

/** Members in the order of the weights; the classical ones are fitted to each symbol by itself. */
export const COMBINATION_MEMBERS = ['har', 'garch', 'lstm'] as const

const Options = Type.Object(
  {
    /** Past refits at most whose forecasts weigh the members, and sessions forecast by each. */
    weightFolds: Type.Integer({ minimum: 0 }),
    weightFoldSessions: Type.Integer({ minimum: 20 }),
  },
  { additionalProperties: false },
)
type CombinationOptions = Static<typeof Options>

const DEFAULT_COMBINATION_OPTIONS: CombinationOptions = { weightFolds: 10, weightFoldSessions: 252 }

/** Sessions before the first past refit. Where even these are too few for a member, it is left out. */
const SESSIONS_BEFORE_WEIGHTS = 500

const Saved = Type.Unsafe<SerialisedForecaster>(
  Type.Object({ model: Type.String(), horizon: Type.Integer({ minimum: 1 }) }),
)
const Classical = Type.Object({ har: Type.Optional(Saved), garch: Type.Optional(Saved) })

const State = Type.Object({
  /** The symbol that it was fitted for; the one of an exported file. */
  symbol: Type.String(),
  /** Of `COMBINATION_MEMBERS`, sum one. */
  weights: Type.Array(PositiveNumber, { minItems: 3, maxItems: 3 }),
  /** Days of all symbols that the weights were learnt from; 0: they are equal for want of any. */
  weightDays: Type.Integer({ minimum: 0 }),
  /** By symbol; a member is missing where the symbol's history was too short for it. */
  classical: Type.Record(Type.String(), Classical),
  lstm: Saved,
})
export type CombinationState = Static<typeof State>

/**
 * The weights are those of the lowest CRPS over forecasts that the members made out of sample inside
 * the training span: all of them are refitted on its beginning, forecast the year that follows, and
 * so on. Then the members are fitted on the whole span.
 *
 * Takes the LSTM's options beside its own.
 */
export function createCombination(overrides: ForecasterOptions): Forecaster {
  const { weightFolds, weightFoldSessions, members: _fixed, ...lstmOptions } = overrides
  const own = modelOptions('combination', Options, {
    ...DEFAULT_COMBINATION_OPTIONS,
    ...(weightFolds === undefined ? {} : { weightFolds }),
    ...(weightFoldSessions === undefined ? {} : { weightFoldSessions }),
  })
  const lstm = createLstm(lstmOptions)
  return {
    name: 'combination',
    options: { ...lstm.options, ...own },
    fit(request) {
      const days = pastFolds(request, own).flatMap((fold) => forecastFold(request, lstm, fold))
      return assemble(request, days, fitMembersOf(request, lstm))
    },
    // Each refit in the past, where there are so many, and the members.
    parts: {
      count: own.weightFolds + 1,
      async fit(request, part) {
        if (part === own.weightFolds) return fitMembersOf(request, lstm)
        const fold = pastFolds(request, own)[part]
        return fold === undefined ? [] : forecastFold(request, lstm, fold)
      },
      assemble(request, parts) {
        const days = parts.slice(0, -1) as readonly (readonly PastDay[])[]
        return assemble(request, days.flat(), parts.at(-1) as Members)
      },
    },
  }
}

function fitMembersOf(request: FitRequest, lstm: Forecaster): Members {
  return fitMembers(request, lstm.fit({ ...request, random: request.random.fork('lstm') }))
}

/** Weights learnt from the past days, and the members that they weigh. */
function assemble(
  { horizon }: FitRequest,
  days: readonly PastDay[],
  members: Members,
): FittedForecaster {
  const weights = fitWeights(days, { members: COMBINATION_MEMBERS.length, horizon })
  const learnt = { weights: [...weights], weightDays: days.length }
  return combinationForecaster(horizon, { ...learnt, ...members })
}

type Members = Pick<CombinationState, 'symbol' | 'classical' | 'lstm'>

function fitMembers(request: FitRequest, lstm: FittedForecaster): Members {
  const frames = request.frames.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  const classical = frames.map(({ symbol }) => {
    const own = { ...request, symbol }
    const [ofHar, ofGarch] = [unlessTooShort(har, own), unlessTooShort(garch, own)]
    const fitted = {
      ...(ofHar === undefined ? {} : { har: ofHar.serialise() }),
      ...(ofGarch === undefined ? {} : { garch: ofGarch.serialise() }),
    }
    return [symbol, fitted] as const
  })
  const { symbol } = request
  return { symbol, classical: Object.fromEntries(classical), lstm: lstm.serialise() }
}

function unlessTooShort(forecaster: Forecaster, request: FitRequest): FittedForecaster | undefined {
  try {
    return forecaster.fit(request)
  } catch (error) {
    if (error instanceof TickerflowError && error.code === 'DATA_INSUFFICIENT') return undefined
    throw error
  }
}

/** A refit in the past: fitted to `trainTo`, asked for the days after it up to `testTo`. */
interface PastFold {
  readonly trainTo: number
  readonly testTo: number
}

/** Whole folds counted back from the end of the span, oldest first. */
function pastFolds(
  { frames, span }: FitRequest,
  { weightFolds, weightFoldSessions }: CombinationOptions,
): PastFold[] {
  const inside = (day: number) => day >= span.from && day <= span.to
  const days = [...new Set(frames.flatMap(({ date }) => [...date].filter(inside)))]
  days.sort((a, b) => a - b)
  const folds: PastFold[] = []
  let last = days.length - 1
  while (folds.length < weightFolds && last - weightFoldSessions >= SESSIONS_BEFORE_WEIGHTS) {
    const trainTo = days[last - weightFoldSessions] as number
    folds.unshift({ trainTo, testTo: days[last] as number })
    last -= weightFoldSessions
  }
  return folds
}

/** The fold's days on which every member has a forecast and whose outcome lies inside the span. */
function forecastFold(request: FitRequest, lstm: Forecaster, fold: PastFold): PastDay[] {
  const { onEvent: _silent, ...quiet } = request
  const past = {
    ...quiet,
    span: { from: request.span.from, to: fold.trainTo },
    random: request.random.fork(`weights ${fold.trainTo}`),
  }
  const network = unlessTooShort(lstm, past)
  if (network === undefined) return []
  const { classical } = fitMembers(past, network)
  return request.frames
    .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
    .flatMap((frame) => {
      const members = [...restoreClassical(classical[frame.symbol]), network]
      if (members.length < COMBINATION_MEMBERS.length) return []
      return forecastDays(frame, members, { request, fold })
    })
}

function forecastDays(
  frame: FeatureFrame,
  members: readonly FittedForecaster[],
  { request, fold }: { readonly request: FitRequest; readonly fold: PastFold },
): PastDay[] {
  const { horizon, span } = request
  const volatility = frameColumn(frame, 'ewmaVolatility')
  const matured = lowerBound(frame.date, span.to + 1) - horizon
  const to = Math.min(lowerBound(frame.date, fold.testTo + 1), matured)
  const days: PastDay[] = []
  for (let row = lowerBound(frame.date, fold.trainTo + 1); row < to; row++) {
    const distributions = members.flatMap(
      (member) => member.forecast(frame, row)?.distribution ?? [],
    )
    const unit = (volatility[row] as number) * Math.sqrt(horizon)
    if (distributions.length < members.length || !(unit > 0)) continue
    days.push({ distributions, outcome: forwardReturn(frame, row, horizon), unit })
  }
  return days
}

function restoreClassical(saved: Static<typeof Classical> | undefined): FittedForecaster[] {
  return [
    ...(saved?.har === undefined ? [] : [restoreHar(saved.har)]),
    ...(saved?.garch === undefined ? [] : [restoreGarch(saved.garch)]),
  ]
}

/** A symbol's members with their weights. */
interface Weighted {
  readonly members: readonly FittedForecaster[]
  readonly weights: readonly number[]
}

function combinationForecaster(horizon: number, state: CombinationState): FittedForecaster {
  const lstm = restoreLstm(state.lstm)
  const bySymbol = new Map(
    Object.entries(state.classical).map(([symbol, classical]) => [
      symbol,
      { members: [...restoreClassical(classical), lstm], weights: weightsOf(state, symbol) },
    ]),
  )
  const all = [...bySymbol.values()].flatMap(({ members }) => members)
  return {
    model: 'combination',
    horizon,
    lookback: Math.max(...all.map(({ lookback }) => lookback)),
    frameRows: Math.max(...all.map(({ frameRows }) => frameRows)),
    forecast(frame, at) {
      const weighted = bySymbol.get(frame.symbol)
      if (weighted === undefined) throw unknownSymbol(frame.symbol, [...bySymbol.keys()])
      const distribution = combined(weighted, frame, at)
      return distribution && createForecast({ frame, at, horizon, distribution })
    },
    serialise: () => ({ model: 'combination', horizon, state }),
  }
}

function combined(
  { members, weights }: Weighted,
  frame: FeatureFrame,
  at: number,
): StudentTDistribution | undefined {
  const distributions: StudentTDistribution[] = []
  for (const member of members) {
    const forecast = member.forecast(frame, at)
    if (forecast === undefined) return undefined
    distributions.push(forecast.distribution)
  }
  return combineDistributions(distributions, weights)
}

/** The weights of the members that a symbol has. */
export function weightsOf({ weights, classical }: CombinationState, symbol: string): number[] {
  const present = classical[symbol]
  return COMBINATION_MEMBERS.flatMap((member, i) =>
    member === 'lstm' || present?.[member] !== undefined ? [weights[i] as number] : [],
  )
}

function unknownSymbol(symbol: string, known: readonly string[]): RangeError {
  return new RangeError(`The combination was fitted on ${known.join(', ')}, not on ${symbol}`)
}

/** @throws {TickerflowError} MODEL_DAMAGED; the members' own states are not looked into. */
export function parseCombinationState(saved: SerialisedForecaster): CombinationState {
  return parseSavedState(State, saved)
}

export function restoreCombination(saved: SerialisedForecaster): FittedForecaster {
  return combinationForecaster(saved.horizon, parseCombinationState(saved))
}

/** Feature columns that a forecast reads. */
export function combinationFeatures(saved: SerialisedForecaster): readonly string[] {
  const { lstm } = parseCombinationState(saved)
  return [...new Set([...HAR_INPUTS, 'logReturn', ...lstmFeatures(lstm)])]
}

/** The LSTM's weights go to their own file. */
export function detachCombination(saved: SerialisedForecaster): DetachedForecaster {
  const state = parseCombinationState(saved)
  const { saved: lstm, ...weights } = detachLstm(state.lstm)
  return { saved: { ...saved, state: { ...state, lstm } }, ...weights }
}

/** @throws {TickerflowError} MODEL_DAMAGED; says what does not fit. */
export function attachCombination({ saved, ...weights }: DetachedForecaster): SerialisedForecaster {
  const state = parseCombinationState(saved)
  return { ...saved, state: { ...state, lstm: attachLstm({ saved: state.lstm, ...weights }) } }
}
