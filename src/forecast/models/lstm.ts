/** The LSTM with a Student-t head, learning from one symbol or from a pooled panel. */
import { type Static, Type } from 'typebox'
import { canonicalJson } from '../../canonical-json.ts'
import { TickerflowError } from '../../errors.ts'
import { lookbackOf } from '../../features/build-frame.ts'
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { type Scaler, standardise } from '../../features/scaler.ts'
import type { LstmArchitecture } from '../../lstm/architecture.ts'
import type { LstmEngine, RowMatrix } from '../../lstm/engine.ts'
import { ENGINE_NAMES, engineNamed, selectEngine } from '../../lstm/engines.ts'
import { degreesOfFreedomLink, scaleLink } from '../../lstm/losses.ts'
import { type ParallelTrainingRequest, trainLstmParallel } from '../../lstm/parallel.ts'
import { createLstmPredictor, type LstmPredictor } from '../../lstm/predict.ts'
import { deserialiseLstm, type SerialisedLstm, serialiseLstm } from '../../lstm/serialise.ts'
import { trainLstm } from '../../lstm/train.ts'
import type { EpochEvent } from '../../lstm/training-request.ts'
import type { TrainedLstm } from '../../lstm/training-result.ts'
import { exp, log } from '../../numerics/elementary.ts'
import { createForecast, type StudentTDistribution } from '../forecast.ts'
import type {
  FitRequest,
  FittedForecaster,
  Forecaster,
  ForecasterOptions,
  SerialisedForecaster,
} from '../forecaster.ts'
import { modelOptions } from '../model-options.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { prepareTraining } from './lstm-samples.ts'

const Count = Type.Integer({ minimum: 1 })

const Options = Type.Object(
  {
    /** Feature columns that the network reads, in order. */
    features: Type.Array(Type.String(), { minItems: 1 }),
    /** T: sessions per window. */
    windowLength: Count,
    /** H of each layer. */
    hiddenSizes: Type.Array(Count, { minItems: 1 }),
    /** Networks in the ensemble, each from its own random start. */
    seeds: Count,
    epochs: Count,
    batchSize: Count,
    learningRate: PositiveNumber,
    weightDecay: Type.Number({ minimum: 0 }),
    clipNorm: PositiveNumber,
    patience: Count,
    /** Last sessions of the span, held out to decide when to stop. */
    validationSessions: Count,
    /** Sessions between training and validation rows. */
    gapSessions: Type.Integer({ minimum: 0 }),
    /** What computes the networks; `auto` is the fastest kernel binary that runs here. */
    engine: Type.Enum([...ENGINE_NAMES]),
    /** The learnt location is multiplied by this: the mean is barely forecastable, 0 ignores it. */
    locationWeight: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
)
export type LstmOptions = Static<typeof Options>

export const DEFAULT_LSTM_OPTIONS: LstmOptions = {
  features: [
    'scaledReturn',
    'absoluteScaledReturn',
    'rangeRatio1',
    'rangeRatio5',
    'rangeRatio22',
    'overnightReturn',
    'volumeSurprise',
    'momentum5',
    'momentum20',
    'volatilityTrend',
  ],
  windowLength: 20,
  hiddenSizes: [16],
  seeds: 3,
  epochs: 30,
  batchSize: 64,
  learningRate: 2e-3,
  weightDecay: 1e-3,
  clipNorm: 1,
  patience: 5,
  validationSessions: 252,
  gapSessions: 5,
  engine: 'auto',
  locationWeight: 0.25,
}

const State = Type.Object({
  options: Options,
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
  const options = modelOptions('lstm', Options, { ...DEFAULT_LSTM_OPTIONS, ...overrides })
  return {
    name: 'lstm',
    options,
    fit(request) {
      const { trainings, ...prepared } = prepareFit(request, options)
      return lstmForecaster(request.horizon, stateOf(prepared, trainings.map(trainLstm)))
    },
    async fitOnThreads(request) {
      const { trainings, ...prepared } = prepareFit(request, options)
      const trained: TrainedLstm[] = []
      for (const training of trainings) trained.push(await trainLstmParallel(training))
      return lstmForecaster(request.horizon, stateOf(prepared, trained))
    },
  }
}

/** What the members of an ensemble share, and the training of each. */
interface PreparedFit {
  readonly options: LstmOptions
  readonly scaler: Scaler
  readonly engine: LstmEngine
  readonly trainings: readonly ParallelTrainingRequest[]
}

function prepareFit(request: FitRequest, options: LstmOptions): PreparedFit {
  const { scaler, ...samples } = prepareTraining(request, options)
  const engine = selectEngine(options.engine)
  const trainings = Array.from({ length: options.seeds }, (_, seed) => ({
    ...samples,
    label: `lstm of ${request.symbol}, network ${seed}`,
    architecture: architectureOf(options),
    loss: { kind: 'student-t' } as const,
    options: trainingOptions(options),
    random: request.random.fork(`seed ${seed}`),
    engine,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onEvent: (event: EpochEvent) => request.onEvent?.({ ...event, member: seed }),
  }))
  return { options, scaler, engine, trainings }
}

function stateOf(
  { options, scaler, engine }: Omit<PreparedFit, 'trainings'>,
  trained: readonly TrainedLstm[],
): LstmState {
  const { binaryDigest: kernelDigest } = engine
  return {
    options,
    scaler,
    ...(kernelDigest === undefined ? {} : { kernelDigest }),
    networks: trained.map(serialiseLstm),
  }
}

function architectureOf(options: LstmOptions): LstmArchitecture {
  const { features, hiddenSizes, windowLength } = options
  return { inputSize: features.length, hiddenSizes, outputSize: 3, windowLength }
}

function trainingOptions(options: LstmOptions) {
  const { epochs, batchSize, learningRate, weightDecay, clipNorm, patience } = options
  return { epochs, batchSize, learningRate, weightDecay, clipNorm, patience }
}

function lstmForecaster(horizon: number, state: LstmState): FittedForecaster {
  const { options, scaler, networks } = state
  const predictors = networks.map(restorePredictor)
  const root = Math.sqrt(horizon)
  return {
    model: 'lstm',
    horizon,
    lookback: lookbackOf([...options.features, 'ewmaVolatility']) + options.windowLength - 1,
    forecast(frame, at) {
      const window = windowEndingAt(frame, at, { scaler, length: options.windowLength })
      const volatility = frameColumn(frame, 'ewmaVolatility')[at] as number
      if (window === undefined || !Number.isFinite(volatility)) return undefined
      const unit = volatility * root
      const { location, scale, degreesOfFreedom } = ensembleOutput(predictors, window)
      const distribution = {
        location: location * options.locationWeight * unit,
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

/** Mean location, geometric means of scale and degrees of freedom over the networks. */
function ensembleOutput(
  predictors: readonly LstmPredictor[],
  window: RowMatrix,
): StudentTDistribution {
  const end = window.values.length / window.width - 1
  let location = 0
  let logScale = 0
  let logDegrees = 0
  for (const predictor of predictors) {
    const [rawLocation, rawScale, rawDegrees] = predictor.predict(window, end)
    location += rawLocation as number
    logScale += log(scaleLink(rawScale as number))
    logDegrees += log(degreesOfFreedomLink(rawDegrees as number))
  }
  const n = predictors.length
  return { location: location / n, scale: exp(logScale / n), degreesOfFreedom: exp(logDegrees / n) }
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
