/** The LSTM with a Student-t head, learning from one symbol or from a pooled panel. */
import { type Static, Type } from 'typebox'
import { canonicalJson } from '../../canonical-json.ts'
import { TickerflowError } from '../../errors.ts'
import { lookbackOf } from '../../features/build-frame.ts'
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { type Scaler, standardise } from '../../features/scaler.ts'
import type { RowMatrix } from '../../lstm/engine.ts'
import { engineNamed, selectEngine } from '../../lstm/engines.ts'
import { degreesOfFreedomLink, scaleLink } from '../../lstm/losses.ts'
import { createLstmPredictor, type LstmPredictor } from '../../lstm/predict.ts'
import { deserialiseLstm, type SerialisedLstm } from '../../lstm/serialise.ts'
import { exp, log } from '../../numerics/elementary.ts'
import { createForecast, type StudentTDistribution } from '../forecast.ts'
import type {
  FitRequest,
  FittedForecaster,
  Forecaster,
  ForecasterOptions,
  SerialisedForecaster,
} from '../forecaster.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { trainMember, trainMemberOnThreads } from './lstm-members.ts'
import {
  architectureOf,
  type LstmOptions,
  LstmOptionsSchema,
  resolveLstmOptions,
} from './lstm-options.ts'
import { prepareTraining } from './lstm-samples.ts'

const State = Type.Object({
  options: LstmOptionsSchema,
  scaler: Type.Unsafe<Scaler>(
    Type.Object({
      names: Type.Array(Type.String()),
      mean: Type.Array(Type.Number()),
      deviation: Type.Array(PositiveNumber),
    }),
  ),
  /** SHA-256 of the kernel binary that trained it; none for the reference engine. */
  kernelDigest: Type.Optional(Type.String()),
  /** One network per seed; `deserialiseLstm` checks each. */
  networks: Type.Array(Type.Unsafe<SerialisedLstm>(Type.Object({})), { minItems: 1 }),
})
export type LstmState = Static<typeof State>

/**
 * The target is the h-session return over s(t)·√h, so that the network learns how the next
 * distribution differs from what trailing volatility says; its outputs are the location, scale and
 * degrees of freedom of that ratio.
 */
export function createLstm(overrides: ForecasterOptions): Forecaster {
  const options = resolveLstmOptions(overrides)
  const members = Array.from({ length: options.seeds }, (_, member) => member)
  const assemble = (request: FitRequest, networks: readonly SerialisedLstm[]) =>
    lstmForecaster(request.horizon, stateOf(request, options, networks))
  return {
    name: 'lstm',
    options,
    fit: (request) =>
      assemble(
        request,
        members.map((member) => trainMember(request, options, member)),
      ),
    parts: {
      count: options.seeds,
      fit: (request, member, cores) => trainMemberOnThreads(request, options, { member, cores }),
      assemble: (request, parts) => assemble(request, parts as readonly SerialisedLstm[]),
    },
  }
}

function stateOf(
  request: FitRequest,
  options: LstmOptions,
  networks: readonly SerialisedLstm[],
): LstmState {
  const { scaler } = prepareTraining(request, options)
  const { binaryDigest: kernelDigest } = selectEngine(options.engine)
  return {
    options,
    scaler,
    ...(kernelDigest === undefined ? {} : { kernelDigest }),
    networks: [...networks],
  }
}

function lstmForecaster(horizon: number, state: LstmState): FittedForecaster {
  const { options, scaler, networks } = state
  const predictors = networks.map(restorePredictor)
  const root = Math.sqrt(horizon)
  return {
    model: 'lstm',
    horizon,
    lookback: lookbackOf([...options.features, 'ewmaVolatility']) + options.windowLength - 1,
    frameRows: options.windowLength,
    forecast(frame, at) {
      const window = windowEndingAt(frame, at, { scaler, length: options.windowLength })
      const volatility = frameColumn(frame, 'ewmaVolatility')[at] as number
      if (window === undefined || !Number.isFinite(volatility)) return undefined
      const unit = volatility * root
      const output = ensembleOutput(predictors, window, options.locationWeight)
      const { location, scale, degreesOfFreedom } = output
      const distribution = {
        location: location * unit,
        scale: scale * unit,
        degreesOfFreedom,
      }
      return createForecast({ frame, at, horizon, distribution })
    },
    serialise: () => ({ model: 'lstm', horizon, state }),
  }
}

/** On the engine that trained it, so that training and serving agree to the bit. */
function restorePredictor(network: SerialisedLstm): LstmPredictor {
  const model = deserialiseLstm(network)
  return createLstmPredictor(model, engineNamed(model.engine))
}

interface WindowShape {
  readonly scaler: LstmState['scaler']
  /** T. */
  readonly length: number
}

/** Standardised rows [T, F] up to row `at`; `undefined` where one is missing or incomplete. */
function windowEndingAt(
  frame: FeatureFrame,
  at: number,
  { scaler, length }: WindowShape,
): RowMatrix | undefined {
  const from = at - length + 1
  if (from < 0) return undefined
  const values = standardise(frame, scaler, { from, to: at + 1 })
  return values.every(Number.isFinite) ? { values, width: scaler.names.length } : undefined
}

/**
 * The networks' mean location, and the scale that gives the Student-t the variance of their mixture;
 * the geometric mean of their degrees of freedom.
 *
 * @param locationWeight What the learnt locations count.
 */
function ensembleOutput(
  predictors: readonly LstmPredictor[],
  window: RowMatrix,
  locationWeight: number,
): StudentTDistribution {
  const end = window.values.length / window.width - 1
  const sums = { location: 0, squaredLocation: 0, squaredScale: 0, logDegrees: 0 }
  for (const predictor of predictors) {
    const [rawLocation, rawScale, rawDegrees] = predictor.predict(window, end)
    const location = locationWeight * (rawLocation as number)
    const scale = scaleLink(rawScale as number)
    sums.location += location
    sums.squaredLocation += location * location
    sums.squaredScale += scale * scale
    sums.logDegrees += log(degreesOfFreedomLink(rawDegrees as number))
  }
  const n = predictors.length
  const location = sums.location / n
  const spread = Math.max(0, sums.squaredLocation / n - location * location)
  return {
    location,
    scale: Math.sqrt(sums.squaredScale / n + spread),
    degreesOfFreedom: exp(sums.logDegrees / n),
  }
}

export function restoreLstm(saved: SerialisedForecaster): FittedForecaster {
  return lstmForecaster(saved.horizon, parseLstmState(saved))
}

/** @throws {TickerflowError} MODEL_DAMAGED; the networks' weights are not looked into. */
export function parseLstmState(saved: SerialisedForecaster): LstmState {
  const state = parseSavedState(State, saved)
  const { options, scaler, networks } = state
  const width = options.features.length
  if (scaler.names.join() !== options.features.join()) {
    throw damaged(`its scaler is of [${scaler.names}], its options read [${options.features}]`)
  }
  if (scaler.mean.length !== width || scaler.deviation.length !== width) {
    throw damaged(`its scaler has not ${width} means and deviations`)
  }
  const expected = canonicalJson(architectureOf(options))
  for (const [index, { architecture }] of networks.entries()) {
    const received = canonicalJson(architecture)
    if (received !== expected) {
      throw damaged(`network ${index} is of ${received}, its options say ${expected}`)
    }
  }
  return state
}

function damaged(reason: string): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `The saved 'lstm' model is damaged or foreign: ${reason}. Train it again, or restore the file.`,
    { details: { model: 'lstm' } },
  )
}

/** Feature columns that a forecast reads. */
export function lstmFeatures(saved: SerialisedForecaster): readonly string[] {
  return [...parseLstmState(saved).options.features, 'ewmaVolatility']
}
