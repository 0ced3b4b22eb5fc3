/** Worker threads for fitting: as many tasks at once as there are cores, results in task order. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { TickerflowError } from '../errors.ts'
import type { FoldExecutor, FoldResult } from '../evaluation/fold-task.ts'
import type { FinalFit, FinalFitTask } from './final-fit.ts'
import { interrupted } from './interruption.ts'
import type { WorkerReply, WorkerTask } from './task-worker.ts'

export interface TaskPool {
  readonly executeFold: FoldExecutor
  finalFit(task: FinalFitTask, signal?: AbortSignal): Promise<FinalFit>
  close(): Promise<void>
}

/** @param threads Worker threads; by default one per core. The results don't depend on it. */
export function createTaskPool(threads = availableParallelism()): TaskPool {
  const worker = new URL(`./task-worker${extname(import.meta.url)}`, import.meta.url)
  const pool = new Piscina({
    filename: fileURLToPath(worker),
    name: 'runTask',
    maxThreads: threads,
    minThreads: 0,
  })
  const fault = watchForFault(pool)
  const run = async (work: WorkerTask, signal?: AbortSignal) => {
    if (signal !== undefined) fault.stoppers.add(signal)
    const reply = pool.run(work, signal === undefined ? {} : { signal })
    return resultOf(
      await Promise.race([reply, fault.happened]).catch((error) => {
        throw signal?.aborted ? interrupted() : error
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
  const { code, message, details } = reply.failure
  throw new TickerflowError(code, message, { details })
}
