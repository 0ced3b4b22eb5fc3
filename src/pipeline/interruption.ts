/** Stopping on request: between steps by asking, inside a worker's task by ending the worker. */
import { TickerflowError } from '../errors.ts'

export function interrupted(): TickerflowError {
  return new TickerflowError('INTERRUPTED', 'Stopped on request; nothing was left half-written.')
}

/** @throws {TickerflowError} INTERRUPTED when a stop was asked for. */
export function assertNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted()
}
