/** Trains one large model on several threads, and leaves the calling one free. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TickerflowError } from '../errors.ts'
import { assertResumable } from './checkpoint.ts'
import type { LstmEngine } from './engine.ts'
import {
  createSharedTraining,
  microBatches,
  requestStop,
  type SharedTraining,
  shareData,
} from './parallel-memory.ts'
import type { EngineSource, LeaderMessage, ThreadTask } from './parallel-messages.ts'
import { threadsThatPay } from './parallel-plan.ts'
import { referenceEngine } from './reference-engine.ts'
import { trainLstm } from './train.ts'
import { startDropout } from './training-loop.ts'
import {
  assertRequest,
  resolveOptions,
  type TrainingOptions,
  type TrainingRequest,
} from './training-request.ts'
import type { TrainedLstm } from './training-result.ts'

export interface ParallelTrainingRequest extends TrainingRequest {
  /** Names the task in errors. */
  readonly label?: string
  /**
   * Threads, at most one per micro-batch of a batch. Left out: as many as pay, up to one per core.
   * The weights don't depend on it.
   */
  readonly threads?: number
  /** Cores that may be kept busy where `threads` is left out. Left out too: all of the machine's. */
  readonly cores?: number
  /**
   * URL of a module whose `createEngine()` makes the request's engine in another thread. Left out: the
   * built-in engine of that name.
   */
  readonly engineModule?: string
  readonly signal?: AbortSignal
}

/**
 * Trains a network as `trainLstm` does, to the same weights bit for bit, its batches divided over
 * threads in micro-batches. Where threads would not pay, it trains in the calling thread.
 *
 * With several threads, events and checkpoints come by message: training does not wait for them to be
 * received.
 *
 * @throws {TickerflowError} As `trainLstm`; WORKER_FAILED when a thread crashes, with its task.
 */
export async function trainLstmParallel(request: ParallelTrainingRequest): Promise<TrainedLstm> {
  const options = resolveOptions(request)
  assertRequest(request)
  const threads = planThreads(request, options)
  if (threads === 1) return trainLstm(request)
  const engine = request.engine ?? referenceEngine
  if (request.resume) assertResumable(request.resume, request, { options, engine })
  const { packed } = engine.createNetwork(request.architecture)
  const shared = createSharedTraining(request, options.batchSize, packed)
  const tasks = threadTasks(request, { options, engine, shared, threads })
  return await superviseThreads(request, tasks)
}

function planThreads(request: ParallelTrainingRequest, options: TrainingOptions): number {
  const { threads, train, cores = availableParallelism() } = request
  if (threads === undefined) return threadsThatPay(request, options, cores)
  if (!(Number.isInteger(threads) && threads > 0)) {
    throw new RangeError(`threads must be a positive integer, not ${threads}`)
  }
  return Math.min(threads, microBatches(Math.min(options.batchSize, train.ends.length)))
}

function threadTasks(
  request: ParallelTrainingRequest,
  {
    options,
    engine,
    shared,
    threads,
  }: {
    readonly options: TrainingOptions
    readonly engine: LstmEngine
    readonly shared: SharedTraining
    readonly threads: number
  },
): ThreadTask[] {
  const { architecture, rows, train, validation, loss } = shareData(request)
  const common = {
    request: { architecture, rows, train, validation, loss, options },
    random: request.random.readState(),
    engine: engineSource(engine, request.engineModule),
    shared,
  }
  const { checkpointEvery, resume, initial } = request
  const leader: ThreadTask = {
    ...common,
    role: 'leader',
    request: {
      ...common.request,
      ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
      ...(resume === undefined ? {} : { resume }),
      ...(initial === undefined ? {} : { initial }),
    },
  }
  const dropout = startDropout(request, options)
  const helper: ThreadTask = { ...common, role: 'helper', dropout }
  return [leader, ...Array.from({ length: threads - 1 }, () => helper)]
}

function engineSource({ name }: LstmEngine, module: string | undefined): EngineSource {
  return module === undefined ? { name } : { name, module }
}

/** Starts the threads, passes on what the leader tells, and ends them all whatever happens. */
async function superviseThreads(
  request: ParallelTrainingRequest,
  tasks: readonly ThreadTask[],
): Promise<TrainedLstm> {
  const { promise, resolve, reject } = Promise.withResolvers<TrainedLstm>()
  const { signal } = request
  const stop = () => requestStop((tasks[0] as ThreadTask).shared)
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  const workers = tasks.map((workerData, index) => {
    const worker = new Worker(WORKER, { workerData, name: 'lstm-training' })
    const failed = (cause: unknown) => reject(crashed(request, { index, tasks, cause }))
    worker.on('error', failed)
    worker.on('exit', (code) => failed(new Error(`It exited with code ${code}`)))
    return worker
  })
  workers[0]?.on('message', (message: LeaderMessage) => {
    try {
      if ('event' in message) request.onEvent?.(message.event)
      else if ('checkpoint' in message) request.onCheckpoint?.(message.checkpoint)
      else if ('trained' in message) resolve(message.trained)
      else reject(failureOf(message.failure, signal))
    } catch (error) {
      reject(error)
    }
  })
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Beside this file, in src and in dist alike. */
const WORKER = new URL(`./parallel-worker${extname(import.meta.url)}`, import.meta.url)

function failureOf(
  { code, message, details }: Extract<LeaderMessage, { failure: unknown }>['failure'],
  signal: AbortSignal | undefined,
): TickerflowError {
  return new TickerflowError(code, message, { details, cause: signal?.reason })
}

function crashed(
  { label = 'LSTM training' }: ParallelTrainingRequest,
  {
    index,
    tasks,
    cause,
  }: { readonly index: number; readonly tasks: readonly ThreadTask[]; readonly cause: unknown },
): TickerflowError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TickerflowError(
    'WORKER_FAILED',
    `Thread ${index + 1} of ${tasks.length} of '${label}' failed: ${reason}. Train again; if it ` +
      'ran out of memory, with fewer threads or a smaller batch',
    { details: { task: label, thread: index + 1, threads: tasks.length }, cause },
  )
}
