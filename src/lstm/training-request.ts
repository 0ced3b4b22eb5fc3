/** What a training is asked for, and the checks of it. */
import type { Random } from '../numerics/random.ts'
import type { LstmArchitecture } from './architecture.ts'
import type { TrainingCheckpoint } from './checkpoint.ts'
import type { LstmEngine, RowMatrix } from './engine.ts'
import { createLoss, type LossSpec } from './losses.ts'
import { parameterCount } from './parameters.ts'
import type { ScheduleSpec } from './schedules.ts'
import { assertTrainingWindows, type TrainingWindows } from './windows.ts'

export interface TrainingOptions {
  /** Passes over the training windows, at most. */
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  /** Gradients are scaled down to at most this norm; Infinity for no clipping. */
  readonly clipNorm: number
  /** Training stops after so many epochs in a row without a better validation loss. */
  readonly patience: number
  /** Share of each layer's outputs dropped before the next layer; does nothing to a single layer. */
  readonly dropout: number
  readonly schedule: ScheduleSpec
  /**
   * Whose weights the network ends with: those of the epoch with the lowest validation loss, or those
   * of the last epoch, whatever its loss; `patience` then has no effect.
   */
  readonly keep: 'best' | 'last'
}

export const DEFAULT_TRAINING: TrainingOptions = {
  epochs: 30,
  batchSize: 64,
  learningRate: 2e-3,
  weightDecay: 1e-3,
  clipNorm: 1,
  patience: 5,
  dropout: 0,
  schedule: { kind: 'constant' },
  keep: 'best',
}

/** What an epoch came to. Losses are weighted means per window. */
export interface EpochEvent {
  /** Counted from 1. */
  readonly epoch: number
  /** Mean over the epoch's batches as they were trained, dropout on. */
  readonly trainLoss: number
  readonly validationLoss: number
  readonly learningRate: number
  /** Largest gradient norm of the epoch's steps, before clipping. */
  readonly gradientNorm: number
}

/** What training needs of an `AbortSignal`. */
export type StopSignal = Pick<AbortSignal, 'aborted' | 'reason'>

export interface TrainingRequest {
  readonly architecture: LstmArchitecture
  /** Standardised feature rows [n, F] that all windows lie in. */
  readonly rows: RowMatrix
  readonly train: TrainingWindows
  /** Decides when to stop and which weights to keep; in time it should follow the training windows. */
  readonly validation: TrainingWindows
  readonly loss: LossSpec
  /** Left out: `DEFAULT_TRAINING`. */
  readonly options?: Partial<TrainingOptions>
  /** Not drawn from when training resumes: the checkpoint knows where its streams stand. */
  readonly random: Random
  /** Weights to begin with, in the order of `parameterTensors`. Left out: drawn from `random`. */
  readonly initial?: Float32Array
  /** Left out: the plain reference. */
  readonly engine?: LstmEngine
  /** Looked at before every batch. */
  readonly signal?: StopSignal
  readonly onEvent?: (event: EpochEvent) => void
  /** Epochs from one checkpoint to the next; without it there are none. */
  readonly checkpointEvery?: number
  /** Receives a checkpoint of its own each time, after the epoch's event. */
  readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void
  /** Goes on from here; everything but `epochs` and `patience` must be as it was. */
  readonly resume?: TrainingCheckpoint
}

/** The options with their defaults. @throws {RangeError} On one that makes no sense; says what came. */
export function resolveOptions(request: TrainingRequest): TrainingOptions {
  const options = { ...DEFAULT_TRAINING, ...request.options }
  for (const name of ['epochs', 'batchSize', 'patience'] as const) {
    assertCount(name, options[name])
  }
  if (request.checkpointEvery !== undefined) assertCount('checkpointEvery', request.checkpointEvery)
  for (const name of ['learningRate', 'clipNorm'] as const) {
    if (!(options[name] > 0)) throw new RangeError(`${name} must be > 0, not ${options[name]}`)
  }
  if (!(options.weightDecay >= 0)) {
    throw new RangeError(`weightDecay must be >= 0, not ${options.weightDecay}`)
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    throw new RangeError(`dropout must lie in [0, 1), not ${options.dropout}`)
  }
  return options
}

function assertCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new RangeError(`${name} must be a positive integer, not ${value}`)
}

/** @throws As `trainLstm` on shapes that do not fit and values that are not finite. */
export function assertRequest({
  architecture,
  rows,
  train,
  validation,
  loss,
  initial,
}: TrainingRequest): void {
  const { outputSize } = createLoss(loss)
  if (architecture.outputSize !== outputSize) {
    throw new RangeError(
      `Loss '${loss.kind}' reads ${outputSize} outputs, the architecture has ${architecture.outputSize}`,
    )
  }
  if (initial !== undefined && initial.length !== parameterCount(architecture)) {
    throw new RangeError(
      `initial has ${initial.length} weights, the architecture ${parameterCount(architecture)}`,
    )
  }
  assertTrainingWindows(train, rows, { architecture, name: 'training' })
  assertTrainingWindows(validation, rows, { architecture, name: 'validation' })
}
