/** Worker threads for fitting: as many tasks at once as there are cores, results in task order. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { TickerflowError } from '../errors.ts'
import { type FittedPart, type Fitting, partCount } from '../evaluation/fitting.ts'
import {
  type FoldExecutor,
  type FoldResult,
  fittingOf,
  skippedBy,
} from '../evaluation/fold-task.ts'
import { formatDay } from '../market/trading-date.ts'
import { type FinalFit, type FinalFitTask, finalFittingOf } from './final-fit.ts'
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
    const place = 'parts' in work && work.parts !== undefined ? 'first' : 'last'
    const reply = Promise.race([turns.run(start, signal, place), fault.happened])
    return resultOf(
      await reply.catch((error) => {
        throw signal?.aborted ? interrupted() : crashed(work, error)
      }),
    )
  }
  /** The parts of a model, each in its turn; `undefined` for a model that is fitted as a whole. */
  const fitParts = async (fitting: Fitting, division: Division) => {
    const count = partCount(fitting.spec)
    if (count === 0 || (count === 1 && division.cores === 1)) return undefined
    const { of, signal, onPart } = division
    const cores = Math.max(1, Math.floor(division.cores / count))
    let done = 0
    const parts = Array.from({ length: count }, async (_, part) => {
      const fitted = await run({ kind: 'part', of, task: { fitting, part, cores } }, signal)
      done++
      onPart?.(done / (count + 1))
      return fitted as FittedPart
    })
    return await Promise.all(parts)
  }
  return {
    async executeFold(task, signal, onPart) {
      const whole = { kind: 'fold', task } as const
      const division = { of: describeTask(whole), cores: 1, signal, onPart }
      try {
        const parts = await fitParts(fittingOf(task), division)
        if (parts !== undefined) return (await run({ ...whole, parts }, signal)) as FoldResult
      } catch (error) {
        return skippedBy(error)
      }
      return (await run(whole, signal)) as FoldResult
    },
    async finalFit(task, signal) {
      const whole = { kind: 'final-fit', task } as const
      const division = { of: describeTask(whole), cores: threads, signal }
      const parts = await fitParts(finalFittingOf(task), division)
      return (await run(parts === undefined ? whole : { ...whole, parts }, signal)) as FinalFit
    },
    close() {
      fault.closing = true
      return pool.destroy()
    },
  }
}

/** How a fitting is divided over the threads. */
interface Division {
  readonly of: string
  /** For all parts together. */
  readonly cores: number
  readonly signal?: AbortSignal | undefined
  readonly onPart?: ((share: number) => void) | undefined
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

function describeTask(work: WorkerTask): string {
  if (work.kind === 'part') return `part ${work.task.part + 1} of ${work.of}`
  const { kind, task } = work
  const model = `'${task.spec.label ?? task.spec.name}'`
  if (kind === 'final-fit') return `${model} of ${task.symbol}, fitted on all data`
  const { testFrom, testTo } = task.fold
  return `${model} of ${task.symbols.join(', ')}, fold ${formatDay(testFrom)} to ${formatDay(testTo)}`
}
