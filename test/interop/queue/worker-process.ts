/** A worker as a process of its own, for tests that kill it, cut it off or set its clock: JSON in argv. */
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobHandlers } from '../../../src/queue/job-queue.ts'
import { createRedisJobQueue } from '../../../src/queue/redis/redis-job-queue.ts'
import { QUEUE_OF_TESTS } from './faulty-work.ts'

interface WorkerSettings {
  readonly url: string
  readonly prefix: string
  readonly log: string
  readonly clockAheadMs?: number
}

const { url, prefix, log, clockAheadMs = 0 }: WorkerSettings = JSON.parse(process.argv[2] ?? '{}')
const own = Date.now
// Everything in this process, BullMQ too, takes this for the time.
Date.now = () => own() + clockAheadMs
const note = (what: string, label: string) =>
  appendFileSync(log, `${what} ${process.pid} ${label}\n`)

const handlers: JobHandlers = {
  async slow({ label }, { signal }) {
    note('begun', label)
    await sleep(400, undefined, { signal })
    return new TextEncoder().encode(`result of ${label}`)
  },
  async gather(_, { children }) {
    const parts = (await children()).map(({ result }) => Buffer.from(result).toString())
    return new TextEncoder().encode(parts.join('; '))
  },
  async poison({ label }) {
    note('begun', label)
    process.kill(process.pid, 'SIGKILL')
    await sleep(60_000)
    return new Uint8Array()
  },
  /** Fails the first time, wherever that is. */
  async flaky({ label }) {
    const before = readFileSync(log, 'utf8').includes(` ${label}\n`)
    note('begun', label)
    if (!before) throw new Error('the first time')
    return new TextEncoder().encode(`result of ${label}`)
  },
}

const queue = await createRedisJobQueue({
  ...QUEUE_OF_TESTS,
  url,
  prefix,
  wallClock: () => Date.now(),
  newId: randomUUID,
})
await queue.work(handlers, { concurrency: 1 })
note('ready', 'worker')
