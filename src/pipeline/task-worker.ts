/** What a worker thread does with a task; loaded by `createTaskPool`. */
import { type ErrorCode, isTickerflowError } from '../errors.ts'
import { type FoldResult, type FoldTask, runFoldTask } from '../evaluation/fold-task.ts'
import { type FinalFit, type FinalFitTask, runFinalFit } from './final-fit.ts'

export type WorkerTask =
  | { readonly kind: 'fold'; readonly task: FoldTask }
  | { readonly kind: 'final-fit'; readonly task: FinalFitTask }

/**
 * Errors lose their class on the way between threads, so operational ones travel as data. Others come
 * as they are; what the pool itself rejects with is then a thread that has ended.
 */
export type WorkerReply =
  | { readonly result: FoldResult | FinalFit }
  | { readonly failure: WorkerFailure }
  | { readonly thrown: unknown }

export interface WorkerFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

export async function runTask(work: WorkerTask): Promise<WorkerReply> {
  try {
    return { result: work.kind === 'fold' ? runFoldTask(work.task) : await runFinalFit(work.task) }
  } catch (error) {
    if (!isTickerflowError(error)) return { thrown: error }
    return { failure: { code: error.code, message: error.message, details: error.details } }
  }
}
