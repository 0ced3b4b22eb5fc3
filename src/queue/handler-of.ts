/** The handler of a kind of jobs. */
import { TickerflowError } from '../errors.ts'
import type { JobHandler, JobHandlers } from './job-queue.ts'

/** @throws {TickerflowError} CONFIG_INVALID for a kind that no handler is for. */
export function handlerOf(handlers: JobHandlers, kind: string): JobHandler {
  const handler = handlers[kind]
  if (handler !== undefined) return handler
  throw new TickerflowError('CONFIG_INVALID', `No worker here does jobs of the kind '${kind}'.`)
}
