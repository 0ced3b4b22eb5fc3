/** The queue of one machine: a table in `tickerflow.db`, worked off by whichever process looks at it. */
import { TickerflowError } from '../../errors.ts'
import { openDatabase } from '../../sqlite/open-database.ts'
import type { AttemptRules } from '../attempts.ts'
import { JOB_STATES, type JobEnd, type JobQueue, type OutcomeOptions } from '../job-queue.ts'
import { createJobTable } from './job-table.ts'
import { POLL_MS, startLocalWorker } from './local-worker.ts'
import { QUEUE_SCHEMA } from './queue-schema.ts'

export interface LocalQueueOptions {
  /** `tickerflow.db`. */
  readonly file: string
  /** UTC milliseconds. */
  readonly wallClock: () => number
  /** Milliseconds that only ever grow: what tells a dead worker from a living one. */
  readonly stopwatch: () => number
  /** How this process is called where jobs say who does them; no other is called so. */
  readonly holder: string
  readonly rules: AttemptRules
  /** A worker that has given no sign of life for so long is taken for dead. */
  readonly leaseMs: number
  readonly keepMs: number
  readonly rate?: { readonly jobs: number; readonly perMs: number } | undefined
}

interface Waiting {
  readonly settle: (end: JobEnd) => void
  readonly onProgress: ((share: number) => void) | undefined
}

export function createLocalJobQueue(options: LocalQueueOptions): JobQueue {
  const database = openDatabase(options.file, [QUEUE_SCHEMA])
  const table = createJobTable({ ...options, database })
  table.forgetBefore(options.wallClock() - options.keepMs)
  const waiting = new Map<string, Set<Waiting>>()
  const workers = new Set<ReturnType<typeof startLocalWorker>>()

  function tell(key: string): void {
    const listeners = waiting.get(key)
    if (listeners === undefined) return
    const seen = table.look(key)
    if (seen === undefined) return
    for (const { settle, onProgress } of listeners) {
      if (seen.state !== 'open') settle(seen)
      else if (seen.share > 0) onProgress?.(seen.share)
    }
  }

  /** Only when another process has written is there anything new to see. */
  let version = -1
  const poll = setInterval(() => {
    const row = database.prepare('PRAGMA data_version').get() ?? {}
    if (row.data_version === version) return
    version = Number(row.data_version)
    for (const key of [...waiting.keys()]) tell(key)
  }, POLL_MS)
  poll.unref()

  return {
    place: options.file,
    async add(flow) {
      const found = table.add(flow)
      for (const worker of workers) worker.wake()
      return found
    },
    outcome: (key, outcomeOptions = {}) => waitFor(key, outcomeOptions),
    async work(handlers, workerOptions) {
      const worker = startLocalWorker({
        ...options,
        ...workerOptions,
        table,
        handlers,
        onEnd: tell,
      })
      workers.add(worker)
      return {
        async close() {
          workers.delete(worker)
          await worker.close()
        },
      }
    },
    workers: async () => undefined,
    list: async ({ states = JOB_STATES, limit }) => table.list(states, limit),
    counts: async () => table.counts(),
    async retry(key) {
      const moved = table.move(key, ['dead', 'cancelled'], 'waiting')
      for (const worker of workers) worker.wake()
      return moved
    },
    async cancel(key) {
      const moved = table.move(key, ['blocked', 'waiting', 'running'], 'cancelled')
      for (const one of moved) tell(one)
      return moved
    },
    async close() {
      clearInterval(poll)
      await Promise.all([...workers].map((worker) => worker.close()))
      database.close()
    },
  }

  async function waitFor(key: string, { signal, onProgress }: OutcomeOptions): Promise<JobEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<JobEnd>()
    const listener: Waiting = { settle: resolve, onProgress }
    const stop = () =>
      reject(new TickerflowError('INTERRUPTED', 'Stopped on request; the job stays in the queue.'))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    const listeners = waiting.get(key) ?? new Set()
    waiting.set(key, listeners.add(listener))
    tell(key)
    // Left without a timer of its own, a process would end while it waits for another one's work.
    const alive = setInterval(() => {}, 1000)
    try {
      return await promise
    } finally {
      clearInterval(alive)
      signal?.removeEventListener('abort', stop)
      listeners.delete(listener)
      if (listeners.size === 0) waiting.delete(key)
    }
  }
}
