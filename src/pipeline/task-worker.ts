/** What a worker thread does with a task; loaded by `createTaskPool`. */
import { type ErrorCode, isTickerflowError } from '../errors.ts'
import { type FittedPart, type FittingPart, fitPart } from '../evaluation/fitting.ts'
import { type FoldResult, type FoldTask, runFoldTask } from '../evaluation/fold-task.ts'
import { type FinalFit, type FinalFitTask, runFinalFit } from './final-fit.ts'

/** A whole task, with the parts of its model where they have been fitted; or such a part. */
export type WorkerTask =
  | {
      readonly kind: 'fold'
      readonly task: FoldTask
      readonly parts?: readonly FittedPart[]
    }
  | {
      readonly kind: 'final-fit'
      readonly task: FinalFitTask
      readonly parts?: readonly FittedPart[]
    }
  | {
      readonly kind: 'part'
      /** The task that it is a part of, for messages. */
      readonly of: string
      readonly task: FittingPart
    }

export type WorkerResult = FoldResult | FinalFit | FittedPart

/**
 * Errors lose their class on the way between threads, so operational ones travel as data. Others come
 * as they are; what the pool itself rejects with is then a thread that has ended.
 */
export type WorkerReply =
  | { readonly result: WorkerResult }
  | { readonly failure: WorkerFailure }
  | { readonly thrown: unknown }

export interface WorkerFailure {
  readonly code: ErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

export async function runTask(work: WorkerTask): Promise<WorkerReply> {
  try {
    return { result: await resultOf(work) }
  } catch (error) {
    if (!isTickerflowError(error)) return { thrown: error }
    return { failure: { code: error.code, message: error.message, details: error.details } }
  }
}

async function resultOf(work: WorkerTask): Promise<WorkerResult> {
  switch (work.kind) {
    case 'part':
      return await fitPart(work.task)
    case 'fold':
      return runFoldTask(work.task, undefined, work.parts)
    case 'final-fit':
      return runFinalFit(work.task, work.parts)
  }
}
