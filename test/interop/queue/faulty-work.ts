/** Work for tests of faults: a flow, what must come of it, and worker processes that do it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { JobFlow, JobQueue } from '../../../src/queue/job-queue.ts'
import { createRedisJobQueue } from '../../../src/queue/redis/redis-job-queue.ts'
import { eventually } from '../../team/processes.ts'

export const QUEUE_OF_TESTS = {
  program: 'faults',
  rules: { attempts: 3, backOffMs: 100 },
  leaseMs: 1500,
  // Longer than any clock here is wrong: by its clock a worker removes what is too old.
  keepMs: 24 * 3_600_000,
} as const

const WORKER = join(import.meta.dirname, 'worker-process.ts')
const keyOf = (label: string) => createHash('sha256').update(label).digest('hex')

export function job(label: string, kind = 'slow'): JobFlow {
  return { key: keyOf(label), kind, label, payload: null, priority: 1 }
}

export function gather(label: string, children: readonly JobFlow[]): JobFlow {
  return { ...job(label, 'gather'), priority: 0, children }
}

/** Two folds of six fits each, as it were. */
export const FLOW = gather(
  'symbol',
  ['a', 'b'].map((fold) =>
    gather(
      `fold ${fold}`,
      Array.from({ length: 6 }, (_, i) => job(`fit ${fold}${i}`)),
    ),
  ),
)

export interface Bench {
  readonly queue: JobQueue
  /** Another process that asks. */
  open(): Promise<JobQueue>
  /** A worker process; `through` comes before its command line. */
  worker(change?: {
    readonly url?: string
    readonly clockAheadMs?: number
    readonly through?: readonly string[]
  }): Promise<ChildProcess>
  /** Lines such as `begun 4711 fit a0`. */
  log(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function createBench(url: string): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'tickerflow-faults-'))
  const log = join(directory, 'log')
  await writeFile(log, '')
  const prefix = `tickerflow-test-${randomUUID()}`
  const queues: JobQueue[] = []
  const workers: ChildProcess[] = []
  const lines = async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '')
  const open = async () => {
    const queue = await createRedisJobQueue({
      ...QUEUE_OF_TESTS,
      url,
      prefix,
      wallClock: () => Date.now(),
      newId: randomUUID,
    })
    queues.push(queue)
    return queue
  }
  return {
    queue: await open(),
    open,
    async worker({ through = [], ...change } = {}) {
      const settings = JSON.stringify({ url, prefix, log, ...change })
      const [program = '', ...args] = [...through, process.execPath, WORKER, settings]
      const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      workers.push(child)
      // One that takes a deadly job at once is gone before it could say that it is ready.
      await eventually('the worker is ready, or dead', async () =>
        child.signalCode !== null || (await lines()).includes(`ready ${child.pid} worker`)
          ? true
          : undefined,
      )
      return child
    },
    log: lines,
    async close() {
      for (const child of workers) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await Promise.all(queues.map((queue) => queue.close()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Waits until a worker is at a job, so that what comes next comes in the middle of it. */
export async function untilBegun(bench: Bench, pid: number | undefined): Promise<void> {
  await eventually('the worker is at a job', async () =>
    (await bench.log()).some((line) => line.startsWith(`begun ${pid} `)) ? true : undefined,
  )
}

/** The whole flow has come to the one end that it can come to; nothing is left, nothing was given up. */
export async function expectWhole(queue: JobQueue): Promise<void> {
  const end = await queue.outcome(FLOW.key)
  const text = end.state === 'done' ? Buffer.from(end.result).toString() : JSON.stringify(end)
  const fits = (FLOW.children ?? []).flatMap(({ children = [] }) => children)
  expect(text).toBe(fits.map(({ label }) => `result of ${label}`).join('; '))
  await eventually('every job has ended once', async () => {
    const { done, blocked, waiting, running, dead } = await queue.counts()
    return done === 15 && blocked + waiting + running + dead === 0 ? true : undefined
  })
}
