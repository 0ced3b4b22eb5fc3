/** What can be chosen about the LSTM: the schema, the defaults, and choices that contradict others. */
import { type Static, Type } from 'typebox'
import { TickerflowError } from '../../errors.ts'
import { type LstmArchitecture, trainingFlopsPerWindow } from '../../lstm/architecture.ts'
import { ENGINE_NAMES } from '../../lstm/engines.ts'
import type { ScheduleSpec } from '../../lstm/schedules.ts'
import type { TrainingOptions } from '../../lstm/training-request.ts'
import type { ForecasterOptions } from '../forecaster.ts'
import { modelOptions } from '../model-options.ts'
import { PositiveNumber } from '../saved-state.ts'

const Count = Type.Integer({ minimum: 1 })
const Fraction = Type.Number({ exclusiveMinimum: 0, maximum: 1 })

export const SCHEDULES = ['constant', 'cosine', 'reduce-on-plateau'] as const

export const LstmOptionsSchema = Type.Object(
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
    /** How the learning rate moves from epoch to epoch. */
    schedule: Type.Enum([...SCHEDULES]),
    /** Smallest fraction of the learning rate: the last one of `cosine`, the least after plateaus. */
    finalFraction: Type.Optional(Fraction),
    /** What a plateau multiplies the learning rate by, and the epochs without a gain that make one. */
    plateauFactor: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    plateauPatience: Type.Optional(Count),
    /** Share of a layer's outputs that is dropped before the next layer. */
    dropout: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
    weightDecay: Type.Number({ minimum: 0 }),
    clipNorm: PositiveNumber,
    patience: Count,
    /** Sessions of a block that is held out to decide when to stop. */
    validationSessions: Count,
    /**
     * Blocks, counted back from the end of the span: the first network holds out the last, the second
     * the one before, and so on, in turns.
     */
    validationBlocks: Count,
    /** Once it is known when to stop, networks are trained anew for as long, on the held-out block too. */
    refit: Type.Boolean(),
    /**
     * Epochs of a training that goes on from networks that were fitted on less, instead of beginning
     * anew. Left out: every training begins anew.
     */
    warmStartEpochs: Type.Optional(Count),
    /** Sessions between training and validation rows. */
    gapSessions: Type.Integer({ minimum: 0 }),
    /** What computes the networks; `auto` is the fastest kernel binary that runs here. */
    engine: Type.Enum([...ENGINE_NAMES]),
    /** The learnt location is multiplied by this: the mean is barely forecastable, 0 ignores it. */
    locationWeight: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
)
export type LstmOptions = Static<typeof LstmOptionsSchema>

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
  batchSize: 128,
  learningRate: 4e-3,
  schedule: 'constant',
  dropout: 0,
  weightDecay: 1e-3,
  clipNorm: 1,
  patience: 5,
  validationSessions: 252,
  validationBlocks: 3,
  refit: true,
  gapSessions: 5,
  engine: 'auto',
  locationWeight: 0.25,
}

/** Defaults of the options that only some schedules read. */
const SCHEDULE_DEFAULTS = {
  constant: {},
  cosine: { finalFraction: 0.1 },
  'reduce-on-plateau': { finalFraction: 0.01, plateauFactor: 0.5, plateauPatience: 2 },
} as const

const SCHEDULE_OPTIONS = ['finalFraction', 'plateauFactor', 'plateauPatience'] as const

/**
 * The options with their defaults.
 *
 * @throws {TickerflowError} CONFIG_INVALID on a wrong option, and on one that would have no effect.
 */
export function resolveLstmOptions(overrides: ForecasterOptions): LstmOptions {
  const merged = { ...DEFAULT_LSTM_OPTIONS, ...overrides }
  const given = modelOptions('lstm', LstmOptionsSchema, merged)
  const read = SCHEDULE_DEFAULTS[given.schedule]
  for (const option of SCHEDULE_OPTIONS) {
    if (given[option] !== undefined && !(option in read)) {
      throw ineffective(option, `schedule '${given.schedule}' does not read it`)
    }
  }
  const options = { ...read, ...given }
  if (options.dropout > 0 && options.hiddenSizes.length === 1) {
    throw ineffective('dropout', 'it acts between layers, and hiddenSizes names one')
  }
  if ((options.plateauPatience ?? 0) >= options.patience) {
    throw ineffective('plateauPatience', `training stops first, by patience ${options.patience}`)
  }
  return options
}

function ineffective(option: string, reason: string): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `The option '${option}' of model 'lstm' would have no effect: ${reason}. Leave it out, or ` +
      'change the other.',
    { details: { model: 'lstm', path: `/${option}` } },
  )
}

/** What the training loop reads of the options. */
export function trainingOptionsOf(options: LstmOptions): Omit<TrainingOptions, 'keep'> {
  const { epochs, batchSize, learningRate, weightDecay, clipNorm, patience, dropout } = options
  const schedule = scheduleOf(options)
  return { epochs, batchSize, learningRate, weightDecay, clipNorm, patience, dropout, schedule }
}

function scheduleOf(options: LstmOptions): ScheduleSpec {
  const { schedule, finalFraction = 1, plateauFactor = 1, plateauPatience = 1 } = options
  switch (schedule) {
    case 'constant':
      return { kind: schedule }
    case 'cosine':
      return { kind: schedule, finalFraction }
    case 'reduce-on-plateau':
      return {
        kind: schedule,
        factor: plateauFactor,
        patience: plateauPatience,
        minimumFraction: finalFraction,
      }
  }
}

/**
 * About how long training takes for each session learnt from, where the naive forecast takes 1; for
 * estimates of the time left. Measured at the defaults: 75.
 */
export function lstmCost(overrides: ForecasterOptions): number {
  const effort = (options: LstmOptions) => {
    const perEpoch = options.seeds * trainingFlopsPerWindow(architectureOf(options))
    return perEpoch * options.epochs * (options.refit ? 2 : 1)
  }
  const given = { ...DEFAULT_LSTM_OPTIONS, ...overrides }
  return 5 + (70 * effort(given)) / effort(DEFAULT_LSTM_OPTIONS)
}

/** The networks' shape; the outputs are location, scale and degrees of freedom. */
export function architectureOf(options: LstmOptions): LstmArchitecture {
  const { features, hiddenSizes, windowLength } = options
  return { inputSize: features.length, hiddenSizes, outputSize: 3, windowLength }
}
