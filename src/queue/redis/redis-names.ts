/** What the queue's things are called in Redis. */
import { createHash } from 'node:crypto'
import type { JobFlow } from '../job-queue.ts'

export interface RedisNames {
  /** Of BullMQ's own keys. */
  readonly prefix: string
  /** Of the queue: only programs that compute the same share one. */
  readonly queue: string
  result(key: string): string
  /** Held by the worker that computes a result. */
  lock(key: string): string
  /** Keys of jobs that were cancelled. */
  readonly cancelled: string
}

export function redisNames(prefix: string, program: string): RedisNames {
  const queue = `work-${sha256(program).slice(0, 12)}`
  const own = `${prefix}-own:${queue}`
  return {
    prefix,
    queue,
    result: (key) => `${own}:result:${key}`,
    lock: (key) => `${own}:lock:${key}`,
    cancelled: `${own}:cancelled`,
  }
}

/** What BullMQ keeps of a job. */
export interface JobData {
  readonly key: string
  readonly label: string
  readonly payload: unknown
  readonly children: readonly string[]
  /** Keys of the jobs above it. */
  readonly above: readonly string[]
}

export interface NamedFlow {
  readonly id: string
  readonly data: JobData
  readonly flow: JobFlow
  readonly children: readonly NamedFlow[]
}

/**
 * Names the jobs of a flow. BullMQ knows one parent of a job, so that one which two flows need is two
 * jobs there; its result, under its key, is one all the same.
 */
export function nameFlow(flow: JobFlow, above: readonly string[] = []): NamedFlow {
  const { key, label, payload, children = [] } = flow
  const place = above.length === 0 ? '' : `-${sha256(above.join(' ')).slice(0, 12)}`
  const lineage = [...above, key]
  return {
    id: `${key}${place}`,
    data: { key, label, payload, children: children.map((child) => child.key), above },
    flow,
    children: children.map((child) => nameFlow(child, lineage)),
  }
}

export function membersOf(named: NamedFlow): readonly NamedFlow[] {
  return [named, ...named.children.flatMap(membersOf)]
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
