/** What is in a queue on Redis, and what a person does about it. */
import type { Job, JobType, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import {
  JOB_STATES,
  type JobCounts,
  type JobQueue,
  type JobRecord,
  type JobState,
} from '../job-queue.ts'
import { failureIn } from './redis-failure.ts'
import type { JobData, RedisNames } from './redis-names.ts'

export interface RedisListingOptions {
  readonly connection: Redis
  readonly queue: Queue<JobData>
  readonly names: RedisNames
}

const BULLMQ_TYPES: Readonly<Record<Exclude<JobState, 'cancelled'>, readonly JobType[]>> = {
  running: ['active'],
  dead: ['failed'],
  waiting: ['prioritized', 'waiting', 'delayed'],
  blocked: ['waiting-children'],
  done: ['completed'],
}
/** Jobs fetched at a time. */
const PAGE = 500

export function createRedisListing({ connection, queue, names }: RedisListingOptions) {
  async function jobsOf(state: Exclude<JobState, 'cancelled'>, limit: number) {
    const jobs: Job<JobData>[] = []
    while (jobs.length < limit) {
      const last = Math.min(limit, jobs.length + PAGE) - 1
      const page = (await queue.getJobs(
        [...BULLMQ_TYPES[state]],
        jobs.length,
        last,
      )) as Job<JobData>[]
      jobs.push(...page)
      if (page.length === 0 || page.length < PAGE) break
    }
    // One that has ended meanwhile is undefined.
    return jobs.filter((job) => job !== undefined)
  }

  async function isCancelled(keys: readonly string[]): Promise<readonly boolean[]> {
    if (keys.length === 0) return []
    return (await connection.smismember(names.cancelled, ...keys)).map((flag) => flag === 1)
  }

  /** Marked as cancelled, in the states that BullMQ has them in. */
  async function cancelledJobs() {
    const states = ['running', 'dead', 'waiting', 'blocked'] as const
    const found = await Promise.all(
      states.map(async (state) => {
        const jobs = await jobsOf(state, Number.POSITIVE_INFINITY)
        const flags = await isCancelled(jobs.map(({ data }) => data.key))
        return jobs.filter((_, i) => flags[i]).map((job) => ({ state, job }))
      }),
    )
    return found.flat()
  }

  async function recordsOf(state: JobState, limit: number): Promise<JobRecord[]> {
    if (state === 'cancelled') {
      return (await cancelledJobs()).slice(0, limit).map(({ job }) => recordOf(job, state))
    }
    const jobs = await jobsOf(state, limit)
    const flags = state === 'done' ? [] : await isCancelled(jobs.map(({ data }) => data.key))
    return jobs.filter((_, i) => flags[i] !== true).map((job) => recordOf(job, state))
  }

  /** Jobs in BullMQ's states that are called so, or belong to one that is. */
  async function family(key: string, states: readonly Exclude<JobState, 'cancelled'>[]) {
    const found = await Promise.all(states.map((state) => jobsOf(state, Number.POSITIVE_INFINITY)))
    return found.flat().filter(({ data }) => data.key === key || data.above.includes(key))
  }

  return {
    async list({ states = JOB_STATES, limit }: Parameters<JobQueue['list']>[0]) {
      const order: readonly JobState[] = [
        'running',
        'dead',
        'cancelled',
        'waiting',
        'blocked',
        'done',
      ]
      const records: JobRecord[] = []
      for (const state of order) {
        if (!states.includes(state) || records.length >= limit) continue
        records.push(...(await recordsOf(state, limit - records.length)))
      }
      // A job that several flows need is one.
      return [...new Map(records.map((record) => [record.key, record])).values()]
    },
    async counts(): Promise<JobCounts> {
      const found = await queue.getJobCounts()
      const marked = (await connection.scard(names.cancelled)) === 0 ? [] : await cancelledJobs()
      const count = (state: Exclude<JobState, 'cancelled'>) => {
        const all = BULLMQ_TYPES[state].reduce((total, type) => total + (found[type] ?? 0), 0)
        return all - marked.filter((one) => one.state === state).length
      }
      return {
        blocked: count('blocked'),
        waiting: count('waiting'),
        running: count('running'),
        done: count('done'),
        dead: count('dead'),
        cancelled: new Set(marked.map(({ job }) => job.data.key)).size,
      }
    },
    async retry(key: string): Promise<readonly string[]> {
      const jobs = await family(key, ['dead', 'waiting', 'blocked'])
      const flags = await isCancelled(jobs.map(({ data }) => data.key))
      const again = jobs.filter((job, i) => flags[i] || job.finishedOn !== undefined)
      const keys = [...new Set(again.map(({ data }) => data.key))]
      if (keys.length === 0) return []
      await connection.srem(names.cancelled, ...keys)
      for (const job of again) {
        if (await job.isFailed()) {
          await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
        }
      }
      return keys
    },
    async cancel(key: string): Promise<readonly string[]> {
      const jobs = await family(key, ['running', 'waiting', 'blocked'])
      const keys = [...new Set(jobs.map(({ data }) => data.key))]
      if (keys.length > 0) await connection.sadd(names.cancelled, ...keys)
      return keys
    },
  }
}

function recordOf(job: Job<JobData>, state: JobState): JobRecord {
  const failure = job.failedReason ? failureIn(job.failedReason) : undefined
  return {
    key: job.data.key,
    kind: job.name,
    label: job.data.label,
    priority: job.priority - 1,
    state,
    attempts: job.attemptsStarted,
    progress: state === 'done' ? 1 : typeof job.progress === 'number' ? job.progress : 0,
    failure: failure === 'cancelled' ? undefined : failure,
  }
}
