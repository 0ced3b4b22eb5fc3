/** The training loop: shuffled batches, AdamW, early stopping, the best weights restored. */
import { TickerflowError } from '../errors.ts'
import type { Random } from '../numerics/random.ts'
import { clipFactor, DEFAULT_ADAMW } from './adamw.ts'
import type { LstmArchitecture } from './architecture.ts'
import { type BatchRunner, createBatchRunner, windowWeight } from './batch.ts'
import { createDropoutStream, type DropoutStream } from './dropout.ts'
import type { LstmEngine, LstmNetwork, RowMatrix } from './engine.ts'
import { createLoss, type LossSpec } from './losses.ts'
import { initialParameters, parameterCount } from './parameters.ts'
import { referenceEngine } from './reference-engine.ts'
import { createSchedule, type Schedule, type ScheduleSpec } from './schedules.ts'
import { type LstmModel, serialiseLstm } from './serialise.ts'
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
  readonly random: Random
  /** Left out: the plain reference. */
  readonly engine?: LstmEngine
  /** Looked at before every batch. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: EpochEvent) => void
}

/** A network after training, with the best epoch's weights, rounded to float32. */
export interface TrainedLstm extends LstmModel {
  readonly bestEpoch: number
  readonly bestValidationLoss: number
  readonly history: readonly EpochEvent[]
}

/**
 * Trains a network and gives back the weights of the epoch with the lowest validation loss.
 *
 * The same request, with a `random` of the same seed, gives the same weights bit for bit.
 *
 * @throws {RangeError} On shapes or options that do not fit; says what was expected and what came.
 * @throws {TickerflowError} INPUT_NOT_FINITE with the place; TRAINING_DIVERGED when the loss stops
 *   being a number, with `details.best` the serialised best network so far, or null; INTERRUPTED when
 *   the signal is aborted.
 */
export function trainLstm(request: TrainingRequest): TrainedLstm {
  const options = resolveOptions(request)
  assertRequest(request)
  const training = startTraining(request, options)
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const event = runEpoch(training, epoch)
    training.history.push(event)
    keepBest(training, event)
    request.onEvent?.(event)
    if (epoch - training.bestEpoch >= options.patience) break
  }
  return trainedLstm(training)
}

function resolveOptions(request: TrainingRequest): TrainingOptions {
  const options = { ...DEFAULT_TRAINING, ...request.options }
  for (const name of ['epochs', 'batchSize', 'patience'] as const) {
    if (Number.isInteger(options[name]) && options[name] > 0) continue
    throw new RangeError(`${name} must be a positive integer, not ${options[name]}`)
  }
  for (const name of ['learningRate', 'clipNorm'] as const) {
    if (!(options[name] > 0)) throw new RangeError(`${name} must be > 0, not ${options[name]}`)
  }
  if (!(options.weightDecay >= 0)) {
    throw new RangeError(`weightDecay must be >= 0, not ${options.weightDecay}`)
  }
  return options
}

function assertRequest({ architecture, rows, train, validation, loss }: TrainingRequest): void {
  const { outputSize } = createLoss(loss)
  if (architecture.outputSize !== outputSize) {
    throw new RangeError(
      `Loss '${loss.kind}' reads ${outputSize} outputs, the architecture has ${architecture.outputSize}`,
    )
  }
  assertTrainingWindows(train, rows, { architecture, name: 'training' })
  assertTrainingWindows(validation, rows, { architecture, name: 'validation' })
}

/** Everything that lives as long as one training. */
interface Training {
  readonly request: TrainingRequest
  readonly options: TrainingOptions
  readonly engine: LstmEngine
  readonly network: LstmNetwork
  readonly trainRunner: BatchRunner
  readonly validationRunner: BatchRunner
  readonly trainOrder: Int32Array
  readonly validationOrder: Int32Array
  readonly shuffleRandom: Random
  readonly dropout: DropoutStream | undefined
  readonly schedule: Schedule
  readonly history: EpochEvent[]
  /** Weights of the best epoch. */
  readonly best: Float64Array<ArrayBuffer>
  /** 0 before the first epoch is over. */
  bestEpoch: number
  bestValidationLoss: number
}

function startTraining(request: TrainingRequest, options: TrainingOptions): Training {
  const { architecture, random, train, validation } = request
  const engine = request.engine ?? referenceEngine
  const loss = createLoss(request.loss)
  const network = engine.createNetwork(architecture)
  network.bindRows(request.rows)
  network.loadParameters(
    initialParameters(architecture, random.fork('weights'), loss.neutralOutputs),
  )
  const drops = options.dropout !== 0 && architecture.hiddenSizes.length > 1
  return {
    request,
    options,
    engine,
    network,
    trainRunner: createBatchRunner(network, loss, train),
    validationRunner: createBatchRunner(network, loss, validation),
    trainOrder: naturalOrder(train.ends.length),
    validationOrder: naturalOrder(validation.ends.length),
    shuffleRandom: random.fork('shuffle'),
    dropout: drops ? createDropoutStream(options.dropout, random.fork('dropout')) : undefined,
    schedule: createSchedule(options.schedule, options.epochs),
    history: [],
    best: new Float64Array(parameterCount(architecture)),
    bestEpoch: 0,
    bestValidationLoss: Infinity,
  }
}

function naturalOrder(length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => index)
}

function runEpoch(training: Training, epoch: number): EpochEvent {
  const learningRate = training.options.learningRate * training.schedule.fraction(epoch)
  shuffle(training.trainOrder, training.shuffleRandom)
  const { loss: trainLoss, largestNorm } = trainBatches(training, epoch, learningRate)
  const { validationRunner, validationOrder } = training
  const validationLoss = validationRunner.loss(validationOrder, 0, validationOrder.length)
  if (!Number.isFinite(validationLoss)) {
    throw diverged(training, { epoch, learningRate, loss: validationLoss })
  }
  return { epoch, trainLoss, validationLoss, learningRate, gradientNorm: largestNorm }
}

function trainBatches(
  training: Training,
  epoch: number,
  learningRate: number,
): { loss: number; largestNorm: number } {
  const { options, trainOrder, trainRunner, request, network, dropout } = training
  const { weightDecay, clipNorm, batchSize } = options
  const step = { ...DEFAULT_ADAMW, learningRate, weightDecay, gradientScale: 1 }
  let lossSum = 0
  let weightSum = 0
  let largestNorm = 0
  for (let from = 0; from < trainOrder.length; from += batchSize) {
    if (request.signal?.aborted) throw interrupted(epoch, request.signal)
    const to = Math.min(from + batchSize, trainOrder.length)
    const loss = trainRunner.lossAndGradients(trainOrder, from, to, dropout)
    const norm = network.gradientNorm()
    if (!Number.isFinite(loss + norm)) throw diverged(training, { epoch, learningRate, loss })
    step.gradientScale = clipFactor(norm, clipNorm)
    network.adamwStep(step)
    if (dropout) dropout.step++
    const weight = batchWeight(request.train, trainOrder, from, to)
    lossSum += loss * weight
    weightSum += weight
    largestNorm = Math.max(largestNorm, norm)
  }
  return { loss: lossSum / weightSum, largestNorm }
}

function batchWeight(
  windows: TrainingWindows,
  order: Int32Array,
  from: number,
  to: number,
): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += windowWeight(windows, order[i] as number)
  return sum
}

/** Fisher–Yates, in place. */
function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
}

function keepBest(training: Training, event: EpochEvent): void {
  const improved = event.validationLoss < training.bestValidationLoss
  training.schedule.endEpoch(improved)
  if (!improved) return
  training.bestEpoch = event.epoch
  training.bestValidationLoss = event.validationLoss
  training.network.readParameters(training.best)
}

function trainedLstm(training: Training): TrainedLstm {
  const { request, best, engine, bestEpoch, bestValidationLoss, history } = training
  const { architecture, loss } = request
  const weights = Float32Array.from(best)
  return {
    architecture,
    loss,
    weights,
    engine: engine.name,
    bestEpoch,
    bestValidationLoss,
    history,
  }
}

function diverged(
  training: Training,
  { epoch, learningRate, loss }: { epoch: number; learningRate: number; loss: number },
): TickerflowError {
  const best = training.bestEpoch > 0 ? serialiseLstm(trainedLstm(training)) : null
  const kept = best
    ? `the weights of epoch ${training.bestEpoch} are kept`
    : 'no epoch was completed'
  return new TickerflowError(
    'TRAINING_DIVERGED',
    `The loss or its gradient became ${Number.isFinite(loss) ? 'infinite' : loss} in epoch ${epoch} ` +
      `at learning rate ${learningRate}; ${kept}. Lower the learning rate or clipNorm, and look for ` +
      'outliers among the features and targets',
    { details: { epoch, learningRate, bestEpoch: training.bestEpoch, best } },
  )
}

function interrupted(epoch: number, signal: AbortSignal): TickerflowError {
  return new TickerflowError('INTERRUPTED', `Training was stopped in epoch ${epoch}`, {
    details: { epoch },
    cause: signal.reason,
  })
}
