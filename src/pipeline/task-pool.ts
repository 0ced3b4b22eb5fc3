/** Worker threads for fitting: as many tasks at once as there are cores, results in task order. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { TickerflowError } from '../errors.ts'
import type { FoldExecutor, FoldResult } from '../evaluation/fold-task.ts'
import type { FinalFit, FinalFitTask } from './final-fit.ts'
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
    minThreads: 1,
  })
  const run = async (work: WorkerTask, signal?: AbortSignal) => {
    const reply = await pool.run(work, signal === undefined ? {} : { signal }).catch((error) => {
      throw signal?.aborted ? interrupted() : error
    })
    return resultOf(reply as WorkerReply)
  }
  return {
    executeFold: (task, signal) => run({ kind: 'fold', task }, signal) as Promise<FoldResult>,
    finalFit: (task, signal) => run({ kind: 'final-fit', task }, signal) as Promise<FinalFit>,
    close: () => pool.destroy(),
  }
}

function resultOf(reply: WorkerReply) {
  if ('result' in reply) return reply.result
  const { code, message, details } = reply.failure
  throw new TickerflowError(code, message, { details })
}

function interrupted(): TickerflowError {
  return new TickerflowError('INTERRUPTED', 'Stopped on request; nothing was left half-written.')
}
