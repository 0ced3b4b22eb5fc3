/** Worker threads for fitting: as many tasks at once as there are cores, results in task order. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { TickerflowError } from '../errors.ts'
import type { FoldExecutor, FoldResult } from '../evaluation/fold-task.ts'
import { formatDay } from '../market/trading-date.ts'
import type { FinalFit, FinalFitTask } from './final-fit.ts'
import type { WorkerReply, WorkerTask } from './task-worker.ts'
import { createTurns } from './turns.ts'

export interface TaskPool {
  readonly executeFold: FoldExecutor
  finalFit(task: FinalFitTask, signal?: AbortSignal): Promise<FinalFit>
  close(): Promise<void>
}

export interface TaskPoolOptions {
  /** The module whose `runTask` the threads run. Left out: `task-worker`. */
  readonly worker?: URL
  /** Heap of one thread, at most. Left out: Node's own limit. */
  readonly heapMegabytes?: number
}

/** Beside this file, in src and in dist alike. */
const WORKER = new URL(`./task-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * A task whose thread crashes or runs out of memory rejects with WORKER_FAILED; the others go on in
 * new threads.
 *
 * @param threads Worker threads; by default one per core. The results don't depend on it.
 */
export function createTaskPool(
  threads = availableParallelism(),
  { worker = WORKER, heapMegabytes }: TaskPoolOptions = {},
): TaskPool {
  const pool = new Piscina({
    filename: fileURLToPath(worker),
    name: 'runTask',
    maxThreads: threads,
    minThreads: 0,
    ...(heapMegabytes && { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } }),
  })
  const fault = watchForFault(pool)
  // Piscina starts a thread for a task that comes, but none for a task that waits in its queue while a
  // thread is lost; so none waits there.
  const turns = createTurns(threads)
  const run = async (work: WorkerTask, signal?: AbortSignal) => {
    if (signal !== undefined) fault.stoppers.add(signal)
    const start = () => pool.run(work, signal === undefined ? {} : { signal })
    const reply = Promise.race([turns.run(start, signal), fault.happened])
    return resultOf(
      await reply.catch((error) => {
        throw signal?.aborted ? interrupted() : crashed(work, error)
      }),
    )
  }
  return {
    executeFold: (task, signal) => run({ kind: 'fold', task }, signal) as Promise<FoldResult>,
    finalFit: (task, signal) => run({ kind: 'final-fit', task }, signal) as Promise<FinalFit>,
    close() {
      fault.closing = true
      return pool.destroy()
    },
  }
}

/**
 * A failed task rejects by itself. The pool's own `error` event tells of two other things: a worker
 * that cannot even start, which must end the work, and the reply of a worker that was stopped in the
 * meantime, which is of no interest any more.
 */
function watchForFault(pool: Piscina) {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  const fault = { happened: promise, stoppers: new Set<AbortSignal>(), closing: false }
  pool.on('error', (error) => {
    const stopped = fault.closing || [...fault.stoppers].some(({ aborted }) => aborted)
    if (!stopped) reject(error)
  })
  return fault
}

function resultOf(reply: WorkerReply) {
  if ('result' in reply) return reply.result
  if ('thrown' in reply) throw reply.thrown
  const { code, message, details } = reply.failure
  throw new TickerflowError(code, message, { details })
}

function interrupted(): TickerflowError {
  return new TickerflowError('INTERRUPTED', 'Stopped on request; nothing was left half-written.')
}

/** What a task throws comes as a reply; what the pool rejects with is the end of its thread. */
function crashed(work: WorkerTask, cause: unknown): TickerflowError {
  const task = describeTask(work)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TickerflowError(
    'WORKER_FAILED',
    `The worker thread of ${task} ended before its task was done: ${reason}. Run it again; if memory ` +
      'was short, with fewer threads or a smaller model.',
    { details: { task }, cause },
  )
}

function describeTask({ kind, task }: WorkerTask): string {
  const model = `'${task.spec.label ?? task.spec.name}'`
  if (kind === 'final-fit') return `${model} of ${task.symbol}, fitted on all data`
  const { testFrom, testTo } = task.fold
  return `${model} of ${task.symbols.join(', ')}, fold ${formatDay(testFrom)} to ${formatDay(testTo)}`
}
