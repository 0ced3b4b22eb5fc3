/** What every job queue does, whichever engine is behind it. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TickerflowError } from '../../src/errors.ts'
import type {
  JobFlow,
  JobHandlers,
  JobQueue,
  JobState,
  WorkerEvent,
} from '../../src/queue/job-queue.ts'

export interface QueueUnderTest {
  /** One more process at the same queue, as it were. Jobs have three attempts, leases one second. */
  open(change?: {
    readonly rate?: { readonly jobs: number; readonly perMs: number }
  }): Promise<JobQueue>
  /** Everything that was opened is closed, and what they have left is removed. */
  remove(): Promise<void>
}

export function describeJobQueue(name: string, create: () => Promise<QueueUnderTest>): void {
  describe(name, () => {
    let under: QueueUnderTest
    let queue: JobQueue
    beforeEach(async () => {
      under = await create()
      queue = await under.open()
    })
    afterEach(() => under.remove())

    const done: string[] = []
    const handlers: JobHandlers = {
      echo: async ({ label }) => {
        done.push(label)
        return text(label)
      },
      join: async ({ label }, { children }) => {
        done.push(label)
        const parts = (await children()).map(({ result }) => Buffer.from(result).toString())
        return text(`${label}(${parts.join(' ')})`)
      },
    }
    beforeEach(() => {
      done.length = 0
    })
    const work = (on = queue, own: JobHandlers = handlers, concurrency = 1) =>
      on.work(own, { concurrency })

    test('does a job and hands its result to whoever asks, before or after', async () => {
      const job = echo('a')
      expect([...(await queue.add(job))]).toEqual([])
      const early = queue.outcome(job.key)
      await work()
      expect(await early).toEqual({ state: 'done', result: text('a') })
      expect(await queue.outcome(job.key)).toEqual({ state: 'done', result: text('a') })
      expect(await stateOf(queue, 'a')).toBe('done')
    })

    test('does a job once, however often and from wherever it is asked for', async () => {
      const other = await under.open()
      const job = echo('once')
      await Promise.all([queue.add(job), other.add(job), queue.add(job)])
      await Promise.all([work(queue), work(other)])
      const ends = await Promise.all([queue.outcome(job.key), other.outcome(job.key)])
      expect(ends.map(({ state }) => state)).toEqual(['done', 'done'])
      expect([...(await other.add(job))]).toEqual([job.key])
      expect(await other.outcome(job.key)).toEqual({ state: 'done', result: text('once') })
      expect(done).toEqual(['once'])
    })

    test('begins a job when all those below it are done, and hands it their results in order', async () => {
      const flow = join('symbol', join('fold 1', echo('x'), echo('y')), join('fold 2', echo('z')))
      await queue.add(flow)
      expect(await queue.counts()).toMatchObject({ waiting: 3, blocked: 3, done: 0 })
      await work(queue, handlers, 3)
      const end = await queue.outcome(flow.key)
      expect(end).toEqual({ state: 'done', result: text('symbol(fold 1(x y) fold 2(z))') })
      expect(done.at(-1)).toBe('symbol')
      expect(await queue.counts()).toMatchObject({ waiting: 0, blocked: 0, done: 6 })
    })

    test('shares what two flows have in common, and both come to their ends', async () => {
      const first = join('first', echo('common'), echo('p'))
      const second = join('second', echo('common'), echo('q'))
      await queue.add(first)
      await queue.add(second)
      await work()
      expect(await queue.outcome(first.key)).toEqual({
        state: 'done',
        result: text('first(common p)'),
      })
      expect(await queue.outcome(second.key)).toEqual({
        state: 'done',
        result: text('second(common q)'),
      })
      expect(done.filter((label) => label === 'common')).toEqual(['common'])
    })

    test('takes the lowest priority number first', async () => {
      for (const [label, priority] of [
        ['late', 9],
        ['soon', 1],
        ['middle', 5],
      ] as const) {
        await queue.add({ ...echo(label), priority })
      }
      await work()
      await Promise.all(['late', 'soon', 'middle'].map((label) => queue.outcome(keyOf(label))))
      expect(done).toEqual(['soon', 'middle', 'late'])
    })

    test('tries a job that fails by chance again, later each time', async () => {
      const begun: number[] = []
      const flaky = async () => {
        begun.push(performance.now())
        if (begun.length < 3) throw new Error('by chance')
        return text('at last')
      }
      const job = { ...echo('flaky'), kind: 'flaky' }
      await queue.add(job)
      await work(queue, { flaky })
      expect(await queue.outcome(job.key)).toEqual({ state: 'done', result: text('at last') })
      const [first = 0, second = 0, third = 0] = begun
      expect(second - first).toBeGreaterThanOrEqual(90)
      expect(third - second).toBeGreaterThan(190)
    })

    test('gives up after the last attempt, and a person can let it be tried again', async () => {
      let broken = true
      const fragile = async () => {
        if (broken) throw new Error('out of order')
        return text('repaired')
      }
      const flow = join('above', { ...echo('fragile'), kind: 'fragile' })
      await queue.add(flow)
      await work(queue, { ...handlers, fragile })
      const end = await queue.outcome(keyOf('fragile'))
      expect(end).toEqual({
        state: 'dead',
        failure: { code: 'UNEXPECTED', message: 'out of order' },
      })
      const [dead] = await queue.list({ states: ['dead'], limit: 10 })
      expect(dead).toMatchObject({
        label: 'fragile',
        attempts: 3,
        failure: { message: 'out of order' },
      })
      expect(await queue.counts()).toMatchObject({ dead: 1, blocked: 1 })
      await queue.add(flow)
      expect(await queue.outcome(keyOf('fragile'))).toMatchObject({ state: 'dead' })
      broken = false
      expect(await queue.retry(keyOf('fragile'))).toEqual([keyOf('fragile')])
      expect(await queue.outcome(flow.key)).toEqual({
        state: 'done',
        result: text('above(repaired)'),
      })
    })

    test('does not repeat what must fail in the same way', async () => {
      let begun = 0
      const wrong = async () => {
        begun++
        throw new TickerflowError('DATA_INSUFFICIENT', 'too few sessions')
      }
      const job = { ...echo('wrong'), kind: 'wrong' }
      await queue.add(job)
      await work(queue, { wrong })
      expect(await queue.outcome(job.key)).toEqual({
        state: 'dead',
        failure: { code: 'DATA_INSUFFICIENT', message: 'too few sessions' },
      })
      expect(begun).toBe(1)
    })

    test('does not do what was cancelled, with all that lies below it', async () => {
      const flow = join('unwanted', echo('u'), echo('v'))
      await queue.add(flow)
      await queue.add(echo('wanted'))
      expect([...(await queue.cancel(flow.key))].sort()).toEqual(
        [flow.key, keyOf('u'), keyOf('v')].sort(),
      )
      expect(await queue.counts()).toMatchObject({ cancelled: 3, waiting: 1 })
      await work()
      await queue.outcome(keyOf('wanted'))
      expect(await queue.outcome(flow.key)).toEqual({ state: 'cancelled' })
      expect(await queue.outcome(keyOf('u'))).toEqual({ state: 'cancelled' })
      await sleep(300)
      expect(done).toEqual(['wanted'])
      expect((await queue.retry(flow.key)).length).toBe(3)
      expect(await queue.outcome(flow.key)).toEqual({
        state: 'done',
        result: text('unwanted(u v)'),
      })
    })

    test('stops a job under way that is cancelled', async () => {
      const stopped = Promise.withResolvers<void>()
      const begun = Promise.withResolvers<void>()
      const long = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        stopped.resolve()
        throw new Error('stopped')
      }
      const job = { ...echo('long'), kind: 'long' }
      await queue.add(job)
      await work(queue, { long })
      await begun.promise
      const other = await under.open()
      expect(await other.cancel(job.key)).toEqual([job.key])
      await stopped.promise
      expect(await queue.outcome(job.key)).toEqual({ state: 'cancelled' })
      expect(await stateOf(other, 'long')).toBe('cancelled')
    })

    test('tells how far a job is', async () => {
      const go = Promise.withResolvers<void>()
      const half = async (_: unknown, context: { progress(share: number): void }) => {
        context.progress(0.5)
        await go.promise
        return text('whole')
      }
      const job = { ...echo('half'), kind: 'half' }
      await queue.add(job)
      const shares: number[] = []
      const end = queue.outcome(job.key, {
        onProgress(share) {
          shares.push(share)
          go.resolve()
        },
      })
      await work(await under.open(), { half })
      expect(await end).toMatchObject({ state: 'done' })
      expect(shares).toContain(0.5)
    })

    test('of a worker that stops, another one takes over what it was at', async () => {
      const events: WorkerEvent[] = []
      const begun = Promise.withResolvers<void>()
      const long = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        throw new TickerflowError('INTERRUPTED', 'stopped')
      }
      const job = { ...echo('long'), kind: 'long' }
      await queue.add(job)
      const first = await queue.work(
        { long },
        { concurrency: 1, onEvent: (event) => events.push(event) },
      )
      await begun.promise
      await first.close()
      expect(events.map(({ event }) => event)).toEqual(['begun', 'given-back'])
      await work(await under.open(), { long: async () => text('by another') })
      expect(await queue.outcome(job.key)).toEqual({ state: 'done', result: text('by another') })
    })

    test('begins no more jobs at a time than its workers may', async () => {
      let at = 0
      let most = 0
      const busy = async () => {
        most = Math.max(most, ++at)
        await sleep(30)
        at--
        return text('x')
      }
      const jobs = Array.from({ length: 9 }, (_, i) => ({ ...echo(`busy ${i}`), kind: 'busy' }))
      for (const job of jobs) await queue.add(job)
      await work(queue, { busy }, 3)
      await Promise.all(jobs.map(({ key }) => queue.outcome(key)))
      expect(most).toBe(3)
    })

    test('begins no more jobs in a time than its rate says', async () => {
      const limited = await under.open({ rate: { jobs: 2, perMs: 400 } })
      const jobs = Array.from({ length: 5 }, (_, i) => echo(`limited ${i}`))
      for (const job of jobs) await limited.add(job)
      const startedMs = performance.now()
      await work(limited, handlers, 5)
      await Promise.all(jobs.map(({ key }) => limited.outcome(key)))
      expect(performance.now() - startedMs).toBeGreaterThan(750)
    })

    test('lets who waits go, and keeps the job', async () => {
      const job = echo('patient')
      await queue.add(job)
      const stop = new AbortController()
      const end = queue.outcome(job.key, { signal: stop.signal })
      stop.abort()
      await expect(end).rejects.toMatchObject({ code: 'INTERRUPTED' })
      expect(await stateOf(queue, 'patient')).toBe('waiting')
    })
  })
}

export function echo(label: string): JobFlow {
  return { key: keyOf(label), kind: 'echo', label, payload: { label }, priority: 3 }
}

function join(label: string, ...children: JobFlow[]): JobFlow {
  return { key: keyOf(label), kind: 'join', label, payload: null, priority: 0, children }
}

export function keyOf(label: string): string {
  return createHash('sha256').update(label).digest('hex')
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words)
}

async function stateOf(queue: JobQueue, label: string): Promise<JobState | undefined> {
  const records = await queue.list({ limit: 100 })
  return records.find((record) => record.label === label)?.state
}
