/** The training loop: shuffled batches, AdamW, early stopping, the weights that are kept. */
import { TickerflowError } from '../errors.ts'
import { type Random, restoreRandom } from '../numerics/random.ts'
import { clipFactor, DEFAULT_ADAMW } from './adamw.ts'
import { type BatchRunner, createBatchRunner, sumWeights } from './batch.ts'
import { assertResumable, digestOfData, type TrainingCheckpoint } from './checkpoint.ts'
import { createDropoutStream, type DropoutStream } from './dropout.ts'
import type { LstmEngine, LstmNetwork } from './engine.ts'
import { createLoss } from './losses.ts'
import { initialParameters } from './parameters.ts'
import { referenceEngine } from './reference-engine.ts'
import { createSchedule, type Schedule } from './schedules.ts'
import { serialiseLstm } from './serialise.ts'
import type { EpochEvent, TrainingOptions, TrainingRequest } from './training-request.ts'
import type { TrainedLstm } from './training-result.ts'

/** What runs the batches of a network: this thread alone, or several together. */
export interface BatchRunners {
  readonly train: BatchRunner
  readonly validation: BatchRunner
  /** Indices into the training windows [n]; the loop shuffles them in place, between batches. */
  readonly trainOrder: Int32Array
  readonly validationOrder: Int32Array
}

/** Everything that lives as long as one training. */
export interface Training {
  readonly request: TrainingRequest
  readonly options: TrainingOptions
  readonly engine: LstmEngine
  readonly network: LstmNetwork
  readonly runners: BatchRunners
  readonly shuffleRandom: Random
  readonly dropout: DropoutStream | undefined
  readonly schedule: Schedule
  readonly history: EpochEvent[]
  /** Weights of the epoch that is kept. */
  readonly best: Float64Array<ArrayBuffer>
  /** 0 before the first epoch is over. */
  bestEpoch: number
  bestValidationLoss: number
}

/** Makes the network and its state, fresh or from the request's checkpoint. */
export function startTraining(
  request: TrainingRequest,
  options: TrainingOptions,
  createRunners: (network: LstmNetwork, request: TrainingRequest) => BatchRunners = localRunners,
): Training {
  const { architecture, random, resume } = request
  const engine = request.engine ?? referenceEngine
  if (resume) assertResumable(resume, request, { options, engine })
  const network = engine.createNetwork(architecture)
  network.bindRows(request.rows)
  const parameters = initialWeights(request)
  if (resume) network.loadState(resume.network)
  else network.loadParameters(parameters)
  const runners = createRunners(network, request)
  if (resume) runners.trainOrder.set(resume.order)
  return {
    request,
    options,
    engine,
    network,
    runners,
    shuffleRandom: resume ? restoreRandom(resume.shuffle) : random.fork('shuffle'),
    dropout: startDropout(request, options),
    schedule: createSchedule(options.schedule, options.epochs, resume?.schedule),
    history: [...(resume?.history ?? [])],
    best: resume ? Float64Array.from(resume.best.weights) : parameters,
    bestEpoch: resume?.best.epoch ?? 0,
    bestValidationLoss: resume?.best.validationLoss ?? Infinity,
  }
}

function initialWeights({
  architecture,
  random,
  loss,
  initial,
}: TrainingRequest): Float64Array<ArrayBuffer> {
  if (initial !== undefined) return Float64Array.from(initial)
  return initialParameters(architecture, random.fork('weights'), createLoss(loss).neutralOutputs)
}

/** The dropout stream, fresh or as the checkpoint left it; `undefined` where nothing is dropped. */
export function startDropout(
  { architecture, random, resume }: TrainingRequest,
  { dropout: rate }: TrainingOptions,
): DropoutStream | undefined {
  if (rate === 0 || architecture.hiddenSizes.length === 1) return undefined
  if (resume?.dropout) return { rate, ...resume.dropout, firstWindow: 0 }
  return createDropoutStream(rate, random.fork('dropout'))
}

function localRunners(network: LstmNetwork, request: TrainingRequest): BatchRunners {
  const loss = createLoss(request.loss)
  const { train, validation } = request
  return {
    train: createBatchRunner(network, loss, train),
    validation: createBatchRunner(network, loss, validation),
    trainOrder: fillNaturalOrder(new Int32Array(train.ends.length)),
    validationOrder: fillNaturalOrder(new Int32Array(validation.ends.length)),
  }
}

/** 0, 1, 2 … in place. */
export function fillNaturalOrder(order: Int32Array): Int32Array {
  for (let i = 0; i < order.length; i++) order[i] = i
  return order
}

/** Runs the epochs that are left. @throws As `trainLstm`. */
export function runTraining(training: Training): TrainedLstm {
  const { request, history } = training
  while (isUnfinished(training)) {
    const event = runEpoch(training, history.length + 1)
    history.push(event)
    keepBest(training, event)
    request.onEvent?.(event)
    if (event.epoch % (request.checkpointEvery ?? Infinity) === 0) {
      request.onCheckpoint?.(takeCheckpoint(training))
    }
  }
  return trainedLstm(training)
}

function isUnfinished({ history, options, bestEpoch }: Training): boolean {
  return history.length < options.epochs && history.length - bestEpoch < options.patience
}

function runEpoch(training: Training, epoch: number): EpochEvent {
  const { options, schedule, runners, shuffleRandom } = training
  const learningRate = options.learningRate * schedule.fraction(epoch)
  shuffle(runners.trainOrder, shuffleRandom)
  const { loss: trainLoss, largestNorm } = trainBatches(training, epoch, learningRate)
  const { validation, validationOrder } = runners
  const validationLoss = validation.loss(validationOrder, 0, validationOrder.length)
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
  const { options, request, network, dropout } = training
  const { trainOrder, train } = training.runners
  const { weightDecay, clipNorm, batchSize } = options
  const step = { ...DEFAULT_ADAMW, learningRate, weightDecay, gradientScale: 1 }
  let lossSum = 0
  let weightSum = 0
  let largestNorm = 0
  for (let from = 0; from < trainOrder.length; from += batchSize) {
    if (request.signal?.aborted) throw interrupted(epoch, request.signal.reason)
    const to = Math.min(from + batchSize, trainOrder.length)
    const loss = train.lossAndGradients(trainOrder, from, to, dropout)
    const norm = network.gradientNorm()
    if (!Number.isFinite(loss + norm)) throw diverged(training, { epoch, learningRate, loss })
    step.gradientScale = clipFactor(norm, clipNorm)
    network.adamwStep(step)
    if (dropout) dropout.step++
    const weight = sumWeights(request.train, trainOrder, from, to)
    lossSum += loss * weight
    weightSum += weight
    largestNorm = Math.max(largestNorm, norm)
  }
  return { loss: lossSum / weightSum, largestNorm }
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
  if (!improved && training.options.keep === 'best') return
  training.bestEpoch = event.epoch
  training.bestValidationLoss = event.validationLoss
  training.network.readParameters(training.best)
}

function takeCheckpoint(training: Training): TrainingCheckpoint {
  const { request, options, engine, dropout, bestEpoch, bestValidationLoss } = training
  return {
    architecture: request.architecture,
    loss: request.loss,
    options,
    engine: engine.name,
    binaryDigest: engine.binaryDigest ?? null,
    dataDigest: digestOfData(request),
    epoch: training.history.length,
    network: training.network.readState(),
    order: Int32Array.from(training.runners.trainOrder),
    shuffle: training.shuffleRandom.readState(),
    dropout: dropout ? { key: dropout.key, step: dropout.step } : null,
    schedule: training.schedule.readState(),
    best: {
      epoch: bestEpoch,
      validationLoss: bestValidationLoss,
      weights: training.best.slice(),
    },
    history: [...training.history],
  }
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

function interrupted(epoch: number, reason: unknown): TickerflowError {
  return new TickerflowError('INTERRUPTED', `Training was stopped in epoch ${epoch}`, {
    details: { epoch },
    cause: reason,
  })
}
