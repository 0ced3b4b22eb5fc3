/** Where a training stands after an epoch, as plain data, and whether another can go on from there. */
import { createHash } from 'node:crypto'
import { TickerflowError } from '../errors.ts'
import type { PhiloxKey, RandomState } from '../numerics/random.ts'
import type { LstmArchitecture } from './architecture.ts'
import type { LstmEngine, NetworkState } from './engine.ts'
import type { LossSpec } from './losses.ts'
import { parameterCount } from './parameters.ts'
import type { ScheduleState } from './schedules.ts'
import type { EpochEvent, TrainingOptions, TrainingRequest } from './training-request.ts'

/** Shares no memory with the training that it was taken from. */
export interface TrainingCheckpoint {
  readonly architecture: LstmArchitecture
  readonly loss: LossSpec
  readonly options: TrainingOptions
  /** Name of the engine, and SHA-256 (hex) of its binary where it has one. */
  readonly engine: string
  readonly binaryDigest: string | null
  /** `digestOfData` of the request. */
  readonly dataDigest: string
  /** Epochs completed. */
  readonly epoch: number
  readonly network: NetworkState
  /** The training windows as the last epoch took them [n]. */
  readonly order: Int32Array
  /** Where the shuffling stream stands. */
  readonly shuffle: RandomState
  /** The dropout stream's key, and the steps it has seen; null where nothing is dropped. */
  readonly dropout: { readonly key: PhiloxKey; readonly step: number } | null
  readonly schedule: ScheduleState
  readonly best: {
    /** 0 when no epoch was better than none. */
    readonly epoch: number
    readonly validationLoss: number
    /** In the order of `parameterTensors`. */
    readonly weights: Float64Array
  }
  readonly history: readonly EpochEvent[]
}

/** SHA-256 (hex) of everything that a training learns from: rows, windows, targets and weights. */
export function digestOfData({ rows, train, validation }: TrainingRequest): string {
  const hash = createHash('sha256')
  const parts = [rows.values, train.ends, train.targets, train.weights]
  for (const part of [...parts, validation.ends, validation.targets, validation.weights]) {
    hash.update(`${part?.constructor.name} ${part?.length};`)
    if (part) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  }
  return hash.digest('hex')
}

/**
 * Makes sure that going on gives what the whole training would have given.
 *
 * @throws {TickerflowError} MODEL_DAMAGED when the checkpoint is of another network, loss, engine,
 *   data or options (`epochs` and `patience` may differ), or does not fit itself.
 */
export function assertResumable(
  checkpoint: TrainingCheckpoint,
  request: TrainingRequest,
  { options, engine }: { readonly options: TrainingOptions; readonly engine: LstmEngine },
): void {
  const { epochs, patience } = options
  assertSame('architecture', checkpoint.architecture, request.architecture)
  assertSame('loss', checkpoint.loss, request.loss)
  assertSame('engine', checkpoint.engine, engine.name)
  assertSame('kernel binary', checkpoint.binaryDigest, engine.binaryDigest ?? null)
  assertSame('options', { ...checkpoint.options, epochs, patience }, options)
  assertSame('data', checkpoint.dataDigest, digestOfData(request))
  const weights = parameterCount(request.architecture)
  const { network, best, order } = checkpoint
  const { parameters, firstMoment, secondMoment } = network
  for (const vector of [parameters, firstMoment, secondMoment, best.weights]) {
    assertSame('number of weights', vector.length, weights)
  }
  assertSame('number of windows', order.length, request.train.ends.length)
  assertSame('number of epochs', checkpoint.history.length, checkpoint.epoch)
}

function assertSame(what: string, stored: unknown, expected: unknown): void {
  const [came, wanted] = [inOrder(stored), inOrder(expected)]
  if (came === wanted) return
  throw new TickerflowError(
    'MODEL_DAMAGED',
    `Training can't go on from a checkpoint of another ${what}: it has ${came}, this training ` +
      `${wanted}. Resume it with what it was started with, or train from the beginning`,
    { details: { what, received: stored, expected } },
  )
}

/** JSON with the keys of objects in order; Infinity as text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
