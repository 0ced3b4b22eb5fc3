/** The queue of several machines: BullMQ on Redis, with the results beside it under their keys. */
import { TickerflowError } from '../../errors.ts'
import type { AttemptRules } from '../attempts.ts'
import type { JobEnd, JobFlow, JobQueue, OutcomeOptions } from '../job-queue.ts'
import { openRedisDriver, placeOf } from './redis-driver.ts'
import { createRedisListing } from './redis-listing.ts'
import { membersOf, type NamedFlow, nameFlow, redisNames } from './redis-names.ts'
import { createRedisOutcomes } from './redis-outcomes.ts'
import { startRedisWorker } from './redis-worker.ts'

export interface RedisQueueOptions {
  /** `redis://host:port/database`. */
  readonly url: string
  readonly password?: string | undefined
  /** Before every key. */
  readonly prefix: string
  /** What computes: only programs of the same digest work for each other. */
  readonly program: string
  readonly rules: AttemptRules
  /** A worker that has given no sign of life for so long is taken for dead. */
  readonly leaseMs: number
  readonly keepMs: number
  /** UTC milliseconds; compared with Redis's, so that a wrong clock does no harm. */
  readonly wallClock: () => number
  readonly newId: () => string
  readonly rate?: { readonly jobs: number; readonly perMs: number } | undefined
}

/** Jobs are forgotten before their results are. */
const JOB_SHARE_OF_KEPT_TIME = 0.9

/** @throws {TickerflowError} QUEUE_UNAVAILABLE. */
export async function createRedisJobQueue(options: RedisQueueOptions): Promise<JobQueue> {
  const { url, rules, keepMs } = options
  const driver = await openRedisDriver(url, options.password)
  const names = redisNames(options.prefix, options.program)
  const { prefix, queue: name } = names
  const connection = driver.connect()
  connection.on('error', () => {})
  const queue = new driver.bullmq.Queue(name, { connection, prefix })
  const producer = new driver.bullmq.FlowProducer({ connection, prefix })
  // Events are waited for on a connection of their own.
  const listening = driver.connect()
  listening.on('error', () => {})
  const events = new driver.bullmq.QueueEvents(name, { connection: listening, prefix })
  // The connections come back by themselves; unheard, an error would end the process.
  queue.on('error', () => {})
  producer.on('error', () => {})
  events.on('error', () => {})
  const age = Math.round((keepMs / 1000) * JOB_SHARE_OF_KEPT_TIME)

  async function send(named: NamedFlow): Promise<void> {
    await producer.add(asBullmq(named))
  }

  function asBullmq({ id, data, flow, children }: NamedFlow): Parameters<typeof producer.add>[0] {
    const opts = {
      jobId: id,
      // BullMQ takes 0 for "before all others", by another way through the queue.
      priority: flow.priority + 1,
      attempts: rules.attempts,
      backoff: { type: 'tickerflow' },
      removeOnComplete: { age },
      removeOnFail: { age },
    }
    const job = { name: flow.kind, queueName: name, prefix, data, opts }
    return children.length === 0 ? job : { ...job, children: children.map(asBullmq) }
  }

  const outcomes = createRedisOutcomes({ connection, queue, events, names, send })
  const listing = createRedisListing({ connection, queue, names })
  const workers = new Set<{ close(): Promise<void> }>()

  return {
    place: placeOf(url),
    async add(flow: JobFlow) {
      const named = nameFlow(flow)
      const keys = [...new Set(membersOf(named).map(({ data }) => data.key))]
      outcomes.remember(named)
      const there = await outcomes.present(keys)
      if (!there.has(flow.key)) await send(named)
      return there
    },
    async outcome(key: string, { signal, onProgress }: OutcomeOptions = {}): Promise<JobEnd> {
      const { promise, reject } = Promise.withResolvers<never>()
      const stop = () =>
        reject(
          new TickerflowError('INTERRUPTED', 'Stopped on request; the job stays in the queue.'),
        )
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      const watch = outcomes.watch(key, onProgress)
      try {
        return await Promise.race([watch.end, promise])
      } finally {
        signal?.removeEventListener('abort', stop)
        watch.stop()
      }
    },
    async work(handlers, workerOptions) {
      const worker = await startRedisWorker({
        ...options,
        ...workerOptions,
        driver,
        names,
        handlers,
      })
      workers.add(worker)
      return {
        async close() {
          workers.delete(worker)
          await worker.close()
        },
      }
    },
    workers: () => queue.getWorkersCount(),
    ...listing,
    async cancel(key) {
      const cancelled = await listing.cancel(key)
      for (const one of cancelled) outcomes.settle(one, { state: 'cancelled' })
      return cancelled
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.close()))
      outcomes.close()
      await Promise.all([events.close(), producer.close(), queue.close()])
      listening.disconnect()
      connection.disconnect()
    },
  }
}
