/**
 * Waits for the ends of jobs on Redis. BullMQ's events tell of them at once; what was told while the
 * connection was away, or what a restarted Redis has lost, is found by looking.
 */
import type { Queue, QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import type { JobEnd } from '../job-queue.ts'
import { failureIn } from './redis-failure.ts'
import { membersOf, type NamedFlow, type RedisNames } from './redis-names.ts'

export interface RedisOutcomesOptions {
  readonly connection: Redis
  readonly queue: Queue
  readonly events: QueueEvents
  readonly names: RedisNames
  /** Adds a flow; what is there already stays. */
  readonly send: (flow: NamedFlow) => Promise<void>
}

interface Watcher {
  readonly settle: (end: JobEnd) => void
  readonly onProgress: ((share: number) => void) | undefined
}

const LOOK_MS = 2_000
/** Keys looked at in one go. */
const LOOK_AT = 500

export function createRedisOutcomes(options: RedisOutcomesOptions) {
  const { connection, queue, events, names, send } = options
  const roots = new Map<string, NamedFlow>()
  const keyOfId = new Map<string, string>()
  const idsOfKey = new Map<string, Set<string>>()
  const watchers = new Map<string, Set<Watcher>>()

  function settle(key: string, end: JobEnd): void {
    for (const watcher of watchers.get(key) ?? []) watcher.settle(end)
  }

  /** @returns Whether there is a result. */
  async function fetch(key: string): Promise<boolean> {
    const result = await connection.getBuffer(names.result(key))
    if (result === null) return false
    settle(key, { state: 'done', result: Uint8Array.from(result) })
    return true
  }

  events.on('completed', ({ jobId }) => {
    const key = keyOfId.get(jobId)
    if (key !== undefined && watchers.has(key)) fetch(key).catch(() => {})
  })
  events.on('failed', ({ jobId, failedReason }) => {
    const key = keyOfId.get(jobId)
    if (key !== undefined) settle(key, endOf(failedReason))
  })
  events.on('progress', ({ jobId, data }) => {
    const key = keyOfId.get(jobId)
    if (key === undefined || typeof data !== 'number') return
    for (const { onProgress } of watchers.get(key) ?? []) onProgress?.(data)
  })

  let offset = 0
  let looking = false
  const timer = setInterval(async () => {
    if (looking || watchers.size === 0) return
    looking = true
    const keys = [...watchers.keys()]
    if (offset >= keys.length) offset = 0
    await look(keys.slice(offset, offset + LOOK_AT)).catch(() => {})
    offset += LOOK_AT
    looking = false
  }, LOOK_MS)

  async function look(keys: readonly string[]): Promise<void> {
    const there = await present(keys)
    for (const key of there) await fetch(key)
    const missing = keys.filter((key) => !there.has(key))
    if (missing.length === 0) return
    const cancelled = await connection.smismember(names.cancelled, ...missing)
    const lost = new Set<NamedFlow>()
    for (const [i, key] of missing.entries()) {
      if (cancelled[i] === 1) settle(key, { state: 'cancelled' })
      else await lookAtJobs(key, lost)
    }
    for (const root of lost) await send(root)
  }

  async function lookAtJobs(key: string, lost: Set<NamedFlow>): Promise<void> {
    for (const id of idsOfKey.get(key) ?? []) {
      const [reason, finishedOn] = await connection.hmget(
        queue.toKey(id),
        'failedReason',
        'finishedOn',
      )
      const isThere = (await connection.exists(queue.toKey(id))) === 1
      const failed = isThere ? await connection.zscore(queue.toKey('failed'), id) : null
      if (failed !== null) settle(key, endOf(reason ?? ''))
      // Done, but the result has gone: Redis was short of memory, or has lost what it had last.
      if (isThere && failed === null && finishedOn !== null && finishedOn !== undefined) {
        if (await fetch(key)) continue
        const root = roots.get(id)
        await queue.remove(root?.id ?? id, { removeChildren: true })
      }
      const root = roots.get(id)
      if (!isThere && root !== undefined) lost.add(root)
    }
  }

  async function present(keys: readonly string[]): Promise<Set<string>> {
    const pipeline = connection.pipeline()
    for (const key of keys) pipeline.exists(names.result(key))
    const replies = (await pipeline.exec()) ?? []
    return new Set(keys.filter((_, i) => replies[i]?.[1] === 1))
  }

  return {
    present,
    settle,
    remember(root: NamedFlow): void {
      for (const { id, data } of membersOf(root)) {
        roots.set(id, root)
        keyOfId.set(id, data.key)
        idsOfKey.set(data.key, (idsOfKey.get(data.key) ?? new Set()).add(id))
      }
    },
    watch(key: string, onProgress: Watcher['onProgress']) {
      const { promise, resolve } = Promise.withResolvers<JobEnd>()
      const watcher = { settle: resolve, onProgress }
      watchers.set(key, (watchers.get(key) ?? new Set()).add(watcher))
      // What ended before anybody watched is told by no event.
      look([key]).catch(() => {})
      return {
        end: promise,
        stop() {
          const left = watchers.get(key)
          left?.delete(watcher)
          if (left?.size === 0) watchers.delete(key)
        },
      }
    },
    close: () => clearInterval(timer),
  }
}

function endOf(reason: string): JobEnd {
  const failure = failureIn(reason)
  return failure === 'cancelled' ? { state: 'cancelled' } : { state: 'dead', failure }
}
