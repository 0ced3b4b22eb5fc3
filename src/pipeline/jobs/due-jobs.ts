/** The port of work that waits to be done, by whichever process takes it. */
import type { JobKind } from './job-kinds.ts'

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'missed'

export interface JobName {
  readonly kind: JobKind
  readonly symbol: string
  /** UTC milliseconds. */
  readonly dueAtMs: number
}

export interface Job extends JobName {
  readonly job: number
  readonly state: JobState
  /** How often it was taken on. */
  readonly attempts: number
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly outcome: string | undefined
}

/** A job that this process does now. */
export interface ClaimedJob {
  readonly job: Job
  /** @returns Whether it is still this process's: else another one has taken it for dead. */
  renew(): boolean
  /** @returns Whether it was still this process's to end. */
  finish(end: { readonly state: 'done' | 'failed'; readonly outcome: string }): boolean
  /** Gives it back undone, as when the program is asked to stop. */
  release(): void
}

export interface DueJobs {
  /**
   * Notes all times of a schedule up to now that were not noted before: the latest waits to be done,
   * the ones before it were missed.
   *
   * @param dueTimes Ascending, after the first and up to the second instant.
   * @returns Whether anything is new.
   */
  advance(
    schedule: Pick<JobName, 'kind' | 'symbol'>,
    nowMs: number,
    dueTimes: (afterMs: number, toMs: number) => readonly number[],
  ): boolean
  /** The job that has waited longest, unless another one of its kind and symbol is running. */
  claim(holder: string): ClaimedJob | undefined
  /** The newest first. */
  list(limit: number): readonly Job[]
}
