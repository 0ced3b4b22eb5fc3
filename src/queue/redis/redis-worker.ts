/** Works a queue on Redis off, as one of any number of workers on any number of machines. */
import type { Job, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { backOffMs, failureOf, isWorthAnotherAttempt } from '../attempts.ts'
import { handlerOf } from '../handler-of.ts'
import type { JobHandlers, JobRequest, JobWorker, WorkerOptions } from '../job-queue.ts'
import { createClockSkew } from './clock-skew.ts'
import type { RedisDriver } from './redis-driver.ts'
import { CANCELLED, failureText } from './redis-failure.ts'
import type { RedisQueueOptions } from './redis-job-queue.ts'
import type { JobData, RedisNames } from './redis-names.ts'
import { createResultStore } from './result-store.ts'

export interface RedisWorkerOptions extends RedisQueueOptions, WorkerOptions {
  readonly driver: RedisDriver
  readonly names: RedisNames
  readonly handlers: JobHandlers
}

const CANCELLED_LOOK_MS = 1_000

export async function startRedisWorker(options: RedisWorkerOptions): Promise<JobWorker> {
  const { driver, names, rules, leaseMs, concurrency, rate, onEvent = () => {} } = options
  const { bullmq } = driver
  const connection = driver.connect()
  connection.on('error', ({ message }) => onEvent({ event: 'unreachable', message }))
  const results = createResultStore({ ...options, connection })
  const skew = await createClockSkew(connection, options.wallClock)
  const running = new Map<string, string>()
  let closing = false

  async function perform(job: Job<JobData>, token?: string, signal?: AbortSignal): Promise<string> {
    const { key, label } = job.data
    const stop = signal ?? new AbortController().signal
    running.set(String(job.id), key)
    onEvent({ event: 'begun', key, label })
    try {
      if (await isCancelled(connection, names, key)) throw new bullmq.UnrecoverableError(CANCELLED)
      const digest = await results.once(key, stop, () => compute(job, stop))
      onEvent({ event: 'done', key, label })
      return digest
    } catch (error) {
      if (closing && stop.aborted) {
        await job.moveToWait(token)
        onEvent({ event: 'given-back', key, label })
        throw new bullmq.WaitingError()
      }
      throw await failed(job, error)
    } finally {
      running.delete(String(job.id))
    }
  }

  async function compute(job: Job<JobData>, signal: AbortSignal): Promise<Uint8Array> {
    const { key, label, payload, children } = job.data
    const request: JobRequest = { key, label, payload, kind: job.name, priority: job.priority - 1 }
    return await handlerOf(options.handlers, job.name)(request, {
      signal,
      progress: (share) => {
        job.updateProgress(share).catch(() => {})
      },
      children: () => results.all(children),
    })
  }

  async function failed(job: Job<JobData>, error: unknown): Promise<Error> {
    const { key, label } = job.data
    const cancelled = await isCancelled(connection, names, key)
    const failure = failureOf(error)
    onEvent({ event: 'failed', key, label, message: cancelled ? 'cancelled' : failure.message })
    if (cancelled) return new bullmq.UnrecoverableError(CANCELLED)
    const text = failureText(failure)
    return isWorthAnotherAttempt(error) ? new Error(text) : new bullmq.UnrecoverableError(text)
  }

  const worker: Worker<JobData> = new bullmq.Worker<JobData>(names.queue, perform, {
    connection,
    prefix: names.prefix,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: rules.attempts - 1,
    // BullMQ adds this to the machine's clock, and other machines compare the sum with theirs.
    settings: {
      backoffStrategy: (attempts: number) => Math.max(0, backOffMs(attempts, rules) - skew.ms()),
    },
    ...(rate === undefined ? {} : { limiter: { max: rate.jobs, duration: rate.perMs } }),
  })
  worker.on('error', ({ message }) => onEvent({ event: 'unreachable', message }))
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) {
      onEvent({ event: 'lost', ...keyed(running.get(id)) })
      worker.cancelJob(id)
    }
  })
  const look = setInterval(async () => {
    for (const [id, key] of running) {
      if (await isCancelled(connection, names, key).catch(() => false)) worker.cancelJob(id)
    }
  }, CANCELLED_LOOK_MS)
  await worker.waitUntilReady()

  return {
    async close() {
      closing = true
      clearInterval(look)
      skew.stop()
      worker.cancelAllJobs()
      await worker.close()
      connection.disconnect()
    },
  }
}

function keyed(key: string | undefined) {
  return key === undefined ? {} : { key }
}

async function isCancelled(connection: Redis, names: RedisNames, key: string): Promise<boolean> {
  return (await connection.sismember(names.cancelled, key)) === 1
}
