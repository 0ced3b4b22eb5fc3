/** The scheduler: notes what is due, does what nobody else is doing, and waits for the next time. */
import { isTickerflowError } from '../../errors.ts'
import type { ClaimedJob, DueJobs, Job, JobName } from './due-jobs.ts'
import type { DueTimes } from './due-times.ts'
import { LEASE_MS } from './lease.ts'

export interface ScheduleEntry extends Pick<JobName, 'kind' | 'symbol'> {
  readonly due: DueTimes
}

export interface SchedulerOptions {
  readonly queue: DueJobs
  readonly entries: readonly ScheduleEntry[]
  /** Does a job and says what came of it. Its signal tells it to stop. */
  readonly run: (job: Job, signal: AbortSignal) => Promise<string>
  /** UTC milliseconds. */
  readonly clock: () => number
  /** This process, as leases and jobs name it. */
  readonly holder: string
  readonly signal: AbortSignal
  /** Waits, and comes back early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onEnd?: (job: Job, end: JobEnd) => void
}

export interface JobEnd {
  readonly state: 'done' | 'failed' | 'lost' | 'stopped'
  readonly outcome: string
}

/** Timers stand still while a machine sleeps; and what another process gives up is taken over. */
const LONGEST_SLEEP_MS = 30_000

/**
 * Runs until it is told to stop; a job under way is then given back, for the next start to do.
 *
 * Any number of schedulers may run on one store: each job is done once. After a time in which none
 * ran, each job is done once for its latest due time, and the times before it are noted as missed.
 */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { clock, entries, signal, sleep } = options
  while (!signal.aborted) {
    await workOff(options)
    const nowMs = clock()
    const next = entries.map(({ due }) => due.next(nowMs) ?? Number.POSITIVE_INFINITY)
    const waitMs = Math.min(LONGEST_SLEEP_MS, ...next.map((dueMs) => dueMs - nowMs))
    if (!signal.aborted) await sleep(Math.max(1, waitMs), signal)
  }
}

/** Notes what has become due, and does what waits until nothing does. */
export async function workOff(options: SchedulerOptions): Promise<void> {
  const { queue, entries, clock, holder, signal } = options
  const nowMs = clock()
  for (const { kind, symbol, due } of entries) {
    queue.advance({ kind, symbol }, nowMs, (afterMs, toMs) => due.between(afterMs, toMs))
  }
  while (!signal.aborted) {
    const claimed = queue.claim(holder)
    if (claimed === undefined) return
    await perform(claimed, options)
  }
}

async function perform(claimed: ClaimedJob, options: SchedulerOptions): Promise<void> {
  const lost = new AbortController()
  const renewal = setInterval(() => {
    if (!isRenewed(claimed)) lost.abort()
  }, LEASE_MS / 4)
  const signal = AbortSignal.any([options.signal, lost.signal])
  const end = await endOf(() => options.run(claimed.job, signal))
  clearInterval(renewal)
  if (end.state === 'failed' && options.signal.aborted) {
    claimed.release()
    options.onEnd?.(claimed.job, { state: 'stopped', outcome: 'given back' })
    return
  }
  const kept = claimed.finish(end)
  options.onEnd?.(claimed.job, kept ? end : { state: 'lost', outcome: 'taken over by another' })
}

/** A database that is away for a moment costs no job: whether it is still this process's shows at the end. */
function isRenewed(claimed: ClaimedJob): boolean {
  try {
    return claimed.renew()
  } catch (error) {
    if (isTickerflowError(error)) return true
    throw error
  }
}

/** A job that fails is an outcome: the scheduler goes on. */
async function endOf(
  work: () => Promise<string>,
): Promise<{ readonly state: 'done' | 'failed'; readonly outcome: string }> {
  try {
    return { state: 'done', outcome: await work() }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      state: 'failed',
      outcome: isTickerflowError(error) ? `${error.code}: ${message}` : message,
    }
  }
}
