/** GARCH(1,1) with constant mean and Student-t errors, fitted by maximum likelihood. */
import { type Static, Type } from 'typebox'
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { exp, log } from '../../numerics/elementary.ts'
import { minimiseNelderMead } from '../../numerics/minimise.ts'
import { lgamma } from '../../numerics/special.ts'
import { mean, variance } from '../../numerics/statistics.ts'
import { createForecast, type StudentTDistribution } from '../forecast.ts'
import type {
  FitRequest,
  FittedForecaster,
  Forecaster,
  SerialisedForecaster,
} from '../forecaster.ts'
import { exportForecaster, type OnnxForecaster } from '../onnx/forecast-graph.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { assertEnoughRows, fittingRows, ownFrame } from '../training-rows.ts'

const MINIMUM_ROWS = 250
/** Returns that a forecast filters through, starting from the training variance. */
const FILTER_SESSIONS = 500
/** Highest α + β: the variance stays finite. */
const PERSISTENCE_LIMIT = 0.9999
/** First observations that set the starting variance of the fit, with decay 0.94. */
const BACKCAST_SESSIONS = 75

/** Daily returns: mean μ, h = ω + α e² + β h, e / √h a unit-variance Student-t with ν > 2. */
const Parameters = Type.Object({
  mean: Type.Number(),
  omega: PositiveNumber,
  alpha: Type.Number({ minimum: 0 }),
  beta: Type.Number({ minimum: 0 }),
  degreesOfFreedom: Type.Number({ exclusiveMinimum: 2 }),
})
export type GarchParameters = Static<typeof Parameters>

/** `initialVariance` is what every filter starts from. */
const State = Type.Interface([Parameters], { initialVariance: PositiveNumber })
type GarchState = Static<typeof State>

/**
 * Fitted on the returns of rows that have a trailing volatility, as the other models are: one
 * extreme day among the first would otherwise drive α to zero (AAPL lost 52 % on 2000-09-29).
 *
 * Source: Bollerslev 1986 and 1987.
 */
export const garch: Forecaster = {
  name: 'garch',
  options: { p: 1, q: 1, filterSessions: FILTER_SESSIONS },
  fit(request) {
    const returns = returnsInSpan(request)
    assertEnoughRows(request, 'garch', { rows: returns.length, needed: MINIMUM_ROWS })
    const fitted = fitGarch(returns)
    const state = { ...fitted.parameters, initialVariance: variance(returns) }
    return garchForecaster(request.horizon, state)
  },
}

function returnsInSpan(request: FitRequest): Float64Array {
  const column = frameColumn(ownFrame(request), 'logReturn')
  const rows = fittingRows({ ...request, horizon: 0 }, ['logReturn', 'ewmaVolatility'])
  return Float64Array.from(rows, (row) => column[row] as number)
}

export interface GarchFit {
  readonly parameters: GarchParameters
  readonly logLikelihood: number
  readonly converged: boolean
}

/**
 * Maximum likelihood by a restarted simplex over transformed parameters.
 *
 * @param returns Log returns [n], oldest first; standardised internally.
 */
export function fitGarch(returns: Float64Array): GarchFit {
  const unit = Math.sqrt(variance(returns))
  const scaled = returns.map((value) => value / unit)
  const startVariance = backcastVariance(scaled)
  const loss = (point: Float64Array) => -logLikelihood(scaled, parametersAt(point), startVariance)
  let best = minimiseNelderMead(loss, startingPoint(scaled))
  for (let restart = 0; restart < 3; restart++) {
    const next = minimiseNelderMead(loss, best.point)
    const gained = best.value - next.value
    best = next.value <= best.value ? next : best
    if (gained < 1e-9) break
  }
  const parameters = parametersAt(best.point)
  return {
    parameters: {
      ...parameters,
      mean: parameters.mean * unit,
      omega: parameters.omega * unit * unit,
    },
    logLikelihood: -best.value - returns.length * log(unit),
    converged: best.converged,
  }
}

function startingPoint(scaled: Float64Array): Float64Array {
  const persistence = 0.97
  return Float64Array.from([
    mean(scaled),
    log(1 - persistence),
    logit(persistence / PERSISTENCE_LIMIT),
    logit(0.08),
    log(6 - 2.01),
  ])
}

/** Unconstrained point → mean, ω, α + β, α's share of it, ν. */
function parametersAt(point: Float64Array): GarchParameters {
  const [mu, logOmega, persistenceLogit, shareLogit, logTail] = point as unknown as number[]
  const persistence = PERSISTENCE_LIMIT * logistic(persistenceLogit as number)
  const alpha = persistence * logistic(shareLogit as number)
  return {
    mean: mu as number,
    omega: exp(logOmega as number),
    alpha,
    beta: persistence - alpha,
    degreesOfFreedom: 2.01 + exp(logTail as number),
  }
}

function logistic(x: number): number {
  return 1 / (1 + exp(-x))
}

function logit(p: number): number {
  return log(p / (1 - p))
}

/** Exponentially weighted mean of the first squared deviations. */
function backcastVariance(returns: Float64Array): number {
  const centre = mean(returns)
  let total = 0
  let weights = 0
  let weight = 1
  for (let t = 0; t < Math.min(BACKCAST_SESSIONS, returns.length); t++) {
    const deviation = (returns[t] as number) - centre
    total += weight * deviation * deviation
    weights += weight
    weight *= 0.94
  }
  return total / weights
}

/** Log-likelihood of returns [n] under unit-variance Student-t errors. */
export function logLikelihood(
  returns: Float64Array,
  parameters: GarchParameters,
  startVariance: number,
): number {
  const { mean: mu, omega, alpha, beta, degreesOfFreedom: nu } = parameters
  const constant = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(Math.PI * (nu - 2))
  let conditional = omega + (alpha + beta) * startVariance
  let total = 0
  for (let t = 0; t < returns.length; t++) {
    const error = (returns[t] as number) - mu
    const squared = error * error
    total -= 0.5 * log(conditional) + 0.5 * (nu + 1) * log(1 + squared / (conditional * (nu - 2)))
    conditional = omega + alpha * squared + beta * conditional
  }
  return total + returns.length * constant
}

function garchForecaster(horizon: number, state: GarchState): FittedForecaster {
  return {
    model: 'garch',
    horizon,
    lookback: FILTER_SESSIONS + 1,
    frameRows: FILTER_SESSIONS,
    forecast(frame, at) {
      const nextVariance = filteredVariance(frame, at, state)
      if (nextVariance === undefined) return undefined
      const distribution = distributionFrom(nextVariance, horizon, state)
      return createForecast({ frame, at, horizon, distribution })
    },
    serialise: () => ({ model: 'garch', horizon, state }),
  }
}

function distributionFrom(
  nextVariance: number,
  horizon: number,
  state: GarchState,
): StudentTDistribution {
  const total = horizonVariance(nextVariance, horizon, state)
  const nu = state.degreesOfFreedom
  return {
    location: horizon * state.mean,
    scale: Math.sqrt((total * (nu - 2)) / nu),
    degreesOfFreedom: nu,
  }
}

/** The forecast as a function of the next session's variance: the column of the ONNX export. */
export function garchFromVariance(
  saved: SerialisedForecaster,
): (nextVariance: number) => StudentTDistribution {
  const state = parseSavedState(State, saved)
  return (nextVariance) => distributionFrom(nextVariance, saved.horizon, state)
}

/** Conditional variance of the session after `at`, filtered over the sessions up to it. */
function filteredVariance(frame: FeatureFrame, at: number, state: GarchState): number | undefined {
  const returns = frameColumn(frame, 'logReturn')
  const first = at - FILTER_SESSIONS + 1
  if (first < 0 || !Number.isFinite(returns[first])) return undefined
  let conditional = state.initialVariance
  for (let t = first; t <= at; t++) {
    const error = (returns[t] as number) - state.mean
    conditional = state.omega + state.alpha * (error * error) + state.beta * conditional
  }
  return conditional
}

/** Σ of the expected variances of the next `horizon` sessions. */
function horizonVariance(next: number, horizon: number, state: GarchState): number {
  let expected = next
  let total = 0
  for (let k = 0; k < horizon; k++) {
    total += expected
    expected = state.omega + (state.alpha + state.beta) * expected
  }
  return total
}

export function restoreGarch(saved: SerialisedForecaster): FittedForecaster {
  return garchForecaster(saved.horizon, parseSavedState(State, saved))
}

/**
 * One column, `conditionalVariance_lag0`: the variance of the next session's return, filtered over
 * the last 500 sessions from the training variance. A recursion so long is a state, not a graph.
 */
export function garchOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const state = parseSavedState(State, saved)
  const { mean: mu, degreesOfFreedom: nu } = state
  const { horizon } = saved
  // The variance over the horizon is affine in the next session's.
  const intercept = horizonVariance(0, horizon, state)
  const slope = horizonVariance(1, horizon, { ...state, omega: 0 })
  const shrink = (nu - 2) / nu
  const valueAt = (frame: FeatureFrame, at: number) =>
    filteredVariance(frame, at, state) ?? Number.NaN
  return exportForecaster({
    ...saved,
    columns: [{ name: 'conditionalVariance_lag0', valueAt }],
    build(graph, variance) {
      const scaled = graph.apply('Mul', [variance, graph.floats([slope * shrink])])
      const total = graph.apply('Add', [scaled, graph.floats([intercept * shrink])])
      return {
        location: graph.floats([horizon * mu]),
        scale: graph.apply('Sqrt', [total]),
        degreesOfFreedom: graph.floats([nu]),
      }
    },
  })
}
