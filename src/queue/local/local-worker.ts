/** Works a local queue off: takes jobs, does them, and takes over from workers that have died. */
import { failureOf, isWorthAnotherAttempt } from '../attempts.ts'
import { handlerOf } from '../handler-of.ts'
import type { JobHandlers, JobRequest, JobWorker, WorkerOptions } from '../job-queue.ts'
import type { Held, JobTable } from './job-table.ts'

export interface LocalWorkerOptions extends WorkerOptions {
  readonly table: JobTable
  readonly handlers: JobHandlers
  readonly stopwatch: () => number
  readonly holder: string
  readonly leaseMs: number
  /** Told of each job whose state or progress has changed. */
  readonly onEnd: (key: string) => void
}

/** What other processes have done is seen within this time. */
export const POLL_MS = 100
const BEATS_PER_LEASE = 4

export function startLocalWorker(options: LocalWorkerOptions): JobWorker & { wake(): void } {
  const { table, handlers, concurrency, onlyOwn = false, onEvent = () => {}, onEnd } = options
  const holder = `${options.holder} worker ${++started}`
  const running = new Map<string, { readonly stop: AbortController; readonly end: Promise<void> }>()
  const isDead = createDeathWatch(options.stopwatch, options.leaseMs)
  let closing = false

  function fill(): void {
    while (!closing && running.size < concurrency) {
      const job = table.claim(holder, onlyOwn)
      if (job === undefined) return
      const stop = new AbortController()
      running.set(job.key, { stop, end: perform(job, stop) })
    }
  }

  async function perform(job: JobRequest & Held, stop: AbortController): Promise<void> {
    const { key, label } = job
    onEvent({ event: 'begun', key, label })
    try {
      const result = await handlerOf(handlers, job.kind)(job, {
        signal: stop.signal,
        progress(share) {
          table.progress(job, share)
          onEnd(key)
        },
        children: async () => table.children(key),
      })
      const kept = table.finish(job, result)
      onEvent({ event: kept ? 'done' : 'lost', key, label })
    } catch (error) {
      end(job, error, stop.signal)
    }
    running.delete(key)
    onEnd(key)
    fill()
  }

  function end(job: JobRequest & Held, error: unknown, signal: AbortSignal): void {
    const { key, label } = job
    if (closing && signal.aborted) {
      table.release(job)
      onEvent({ event: 'given-back', key, label })
      return
    }
    const failure = failureOf(error)
    const kept = table.fail(job, failure, isWorthAnotherAttempt(error))
    onEvent({ event: kept ? 'failed' : 'lost', key, label, message: failure.message })
  }

  const look = setInterval(fill, POLL_MS)
  const beat = setInterval(() => {
    const held = table.beat(holder)
    for (const [key, { stop }] of running) if (!held.has(key)) stop.abort()
    for (const job of isDead(table.running())) table.takeFromDead(job)
  }, options.leaseMs / BEATS_PER_LEASE)
  fill()

  return {
    wake: fill,
    async close() {
      closing = true
      clearInterval(look)
      for (const { stop } of running.values()) stop.abort()
      await Promise.all([...running.values()].map(({ end }) => end))
      clearInterval(beat)
    },
  }
}

/** Workers of this process so far: each has a name of its own. */
let started = 0

/**
 * A holder is dead whose beat stands still for a lease by this process's own stopwatch: no clock is
 * compared with another one's.
 */
function createDeathWatch(stopwatch: () => number, leaseMs: number) {
  type Seen = ReturnType<JobTable['running']>[number]
  let seen = new Map<string, { readonly job: Seen; readonly sinceMs: number }>()
  return (running: readonly Seen[]): Seen[] => {
    const nowMs = stopwatch()
    const before = seen
    seen = new Map(
      running.map((job) => {
        const known = before.get(job.key)
        const still =
          known !== undefined && known.job.beat === job.beat && known.job.holder === job.holder
        return [job.key, still ? known : { job, sinceMs: nowMs }]
      }),
    )
    return [...seen.values()]
      .filter(({ sinceMs }) => nowMs - sinceMs >= leaseMs)
      .map(({ job }) => job)
  }
}
