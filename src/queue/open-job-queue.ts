/** The queue that the configuration names: this machine's own, or one on Redis. */
import type { Config } from '../config.ts'
import type { JobQueue } from './job-queue.ts'
import { createLocalJobQueue } from './local/local-job-queue.ts'

export interface OpenQueueOptions {
  /** `tickerflow.db`. */
  readonly file: string
  readonly config: Config['queue']
  /** Of Redis; no configuration. */
  readonly password?: string | undefined
  /** What computes. */
  readonly program: string
  readonly holder: string
  readonly wallClock: () => number
  readonly stopwatch: () => number
  readonly newId: () => string
}

/** @throws {TickerflowError} QUEUE_UNAVAILABLE; what opening the database throws. */
export async function openJobQueue(options: OpenQueueOptions): Promise<JobQueue> {
  const { attempts, backOffSeconds, leaseSeconds, keepDays, rate, redis, prefix } = options.config
  const common = {
    ...options,
    rules: { attempts, backOffMs: backOffSeconds * 1000 },
    leaseMs: leaseSeconds * 1000,
    keepMs: keepDays * 86_400_000,
    rate: rate === undefined ? undefined : { jobs: rate.jobs, perMs: rate.seconds * 1000 },
  }
  if (redis === undefined) return createLocalJobQueue(common)
  const { createRedisJobQueue } = await import('./redis/redis-job-queue.ts')
  return await createRedisJobQueue({ ...common, url: redis, prefix })
}
