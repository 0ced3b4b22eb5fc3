/**
 * The port of work that any process may do: jobs under the digest of what they are computed from, done
 * once, whoever asks, and found again under that key by everybody.
 */

export const JOB_STATES = ['blocked', 'waiting', 'running', 'done', 'dead', 'cancelled'] as const
/** `blocked` waits for its children; `dead` has been given up, and waits for a person. */
export type JobState = (typeof JOB_STATES)[number]

export interface JobRequest {
  /** SHA-256 of everything that the result depends on, hexadecimal: equal keys, equal results. */
  readonly key: string
  /** Which handler does it. */
  readonly kind: string
  /** For people. */
  readonly label: string
  /** What the handler needs to know, as JSON; never the data itself. */
  readonly payload: unknown
  /** The lower, the sooner; from 0. */
  readonly priority: number
}

/** A job, and the jobs whose results it gathers: it begins when all of them are done. */
export interface JobFlow extends JobRequest {
  readonly children?: readonly JobFlow[]
}

export interface JobFailure {
  readonly code: string
  readonly message: string
}

export type JobEnd =
  | { readonly state: 'done'; readonly result: Uint8Array }
  | { readonly state: 'dead'; readonly failure: JobFailure }
  | { readonly state: 'cancelled' }

export interface ChildResult {
  readonly key: string
  readonly result: Uint8Array
}

/** What a handler is given beside the job. */
export interface JobContext {
  /** Aborted when the job is cancelled or has been taken for dead, and when the worker stops. */
  readonly signal: AbortSignal
  /** @param share Of the work that is done, 0 to 1. */
  progress(share: number): void
  /** In the order in which the flow names them. */
  children(): Promise<readonly ChildResult[]>
}

/** @throws A failure; whether it is tried again, `isWorthAnotherAttempt` says. */
export type JobHandler = (job: JobRequest, context: JobContext) => Promise<Uint8Array>
export type JobHandlers = Readonly<Record<string, JobHandler>>

export interface WorkerOptions {
  /** Jobs at the same time. */
  readonly concurrency: number
  /** Only what was added through this queue object: not what others have left behind. */
  readonly onlyOwn?: boolean
  readonly onEvent?: (event: WorkerEvent) => void
}

export interface WorkerEvent {
  readonly event: 'begun' | 'done' | 'failed' | 'lost' | 'given-back' | 'unreachable'
  readonly key?: string
  readonly label?: string
  readonly message?: string
}

export interface JobWorker {
  /** Takes on nothing more, gives back what it is at, and ends. */
  close(): Promise<void>
}

export interface JobRecord extends Omit<JobRequest, 'payload'> {
  readonly state: JobState
  /** How often a handler has begun it. */
  readonly attempts: number
  /** Share of the work, 0 to 1. */
  readonly progress: number
  readonly failure: JobFailure | undefined
}

export type JobCounts = Readonly<Record<JobState, number>>

export interface OutcomeOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface JobQueue {
  /** Where it is, for people; without secrets. */
  readonly place: string
  /**
   * Notes the jobs of a flow that are not there yet. One that was given up or cancelled stays so.
   *
   * @returns Keys of those whose results are there already.
   */
  add(flow: JobFlow): Promise<ReadonlySet<string>>
  /**
   * Waits for the end of a job that was added through this object.
   *
   * @throws {TickerflowError} INTERRUPTED when the signal is aborted; the job stays in the queue.
   */
  outcome(key: string, options?: OutcomeOptions): Promise<JobEnd>
  work(handlers: JobHandlers, options: WorkerOptions): Promise<JobWorker>
  /** Workers that are there to do the work; undefined where this cannot be known. */
  workers(): Promise<number | undefined>
  /** Those in the states, or in all; what is under way and what has failed first. */
  list(query: {
    readonly states?: readonly JobState[]
    readonly limit: number
  }): Promise<JobRecord[]>
  counts(): Promise<JobCounts>
  /** @returns Keys of the jobs, dead or cancelled, that wait again: this one and those below it. */
  retry(key: string): Promise<readonly string[]>
  /** @returns Keys of the jobs that will not be done: this one and those below it. */
  cancel(key: string): Promise<readonly string[]>
  close(): Promise<void>
}
