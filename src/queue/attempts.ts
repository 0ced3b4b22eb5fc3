/** How often a job is tried, how long it waits in between, and which failures are final at once. */
import { type ErrorCode, isTickerflowError } from '../errors.ts'
import type { JobFailure } from './job-queue.ts'

export interface AttemptRules {
  /** Begun so often without an end, a job is given up. */
  readonly attempts: number
  /** Before the second attempt; each further one waits twice as long. */
  readonly backOffMs: number
}

const LONGEST_BACK_OFF_MS = 5 * 60_000

/** Failures that have to do with where and when a job ran, not with what it is. */
const PASSING: readonly ErrorCode[] = [
  'WORKER_FAILED',
  'STORE_BUSY',
  'STORE_UNWRITABLE',
  'SNAPSHOT_MISSING',
  'SNAPSHOT_DAMAGED',
  'ENGINE_UNAVAILABLE',
  'INTERRUPTED',
]

/** The same inputs fail in the same way, so that most failures of the catalogue are final. */
export function isWorthAnotherAttempt(error: unknown): boolean {
  return !isTickerflowError(error) || PASSING.includes(error.code)
}

/** @param attempts Made so far, from 1. */
export function backOffMs(attempts: number, rules: AttemptRules): number {
  const doublings = Math.min(attempts - 1, 20)
  return Math.min(LONGEST_BACK_OFF_MS, rules.backOffMs * (1 << doublings))
}

export function failureOf(error: unknown): JobFailure {
  const message = error instanceof Error ? error.message : String(error)
  return { code: isTickerflowError(error) ? error.code : 'UNEXPECTED', message }
}

/** Of a job whose process ends each time that it is at it. */
export function deadlyFailure(attempts: number): JobFailure {
  return { code: 'WORKER_FAILED', message: `its worker ended ${attempts} times while at it` }
}
