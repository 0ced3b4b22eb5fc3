/** Whatever is acknowledged arrives, once, whatever fails on the way: faults planted by chance. */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BufferedStore, openBufferedStore } from '../../src/tracking/client/buffered-store.ts'
import { createMlflowClient } from '../../src/tracking/client/mlflow-client.ts'
import type { SpoolEvent } from '../../src/tracking/client/spool/outbox.ts'
import type { Metric } from '../../src/tracking/tracking-store.ts'
import { type EmbeddedServer, startEmbeddedServer } from '../contract/tracking-store-server.ts'

/** What becomes of one request. */
type Fault = 'none' | 'refused' | 'busy' | 'failed-after' | 'reply-lost'

let server: EmbeddedServer
let spoolDirectory: string
const events: SpoolEvent[] = []
/** Numbers that no process of this machine has. */
let nextProcessId = 1_000_000_000

beforeAll(async () => {
  server = await startEmbeddedServer()
})
afterAll(() => server.end())
beforeEach(async () => {
  spoolDirectory = await mkdtemp(join(tmpdir(), 'tracking-spool-'))
  events.length = 0
})
afterEach(() => rm(spoolDirectory, { recursive: true, force: true, maxRetries: 3 }))

function faultyFetch(faults: () => Fault): typeof fetch {
  return async (input, init) => {
    const fault = faults()
    if (fault === 'refused') throw networkError('ECONNREFUSED')
    if (fault === 'busy') return new Response('', { status: 503 })
    const response = await fetch(input, init)
    if (fault === 'none') return response
    await response.arrayBuffer()
    if (fault === 'reply-lost') throw networkError('ECONNRESET')
    return new Response('', { status: 500 })
  }
}

function networkError(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

function open(faults: () => Fault = () => 'none', processId = nextProcessId++) {
  return openBufferedStore({
    uri: server.uri,
    fetch: faultyFetch(faults),
    clock: server.clock,
    sleep: async () => {},
    spoolDirectory,
    processId,
    flushIntervalMs: 1,
    onEvent: (event) => events.push(event),
  })
}

const point = (step: number, value = step / 7): Metric => ({
  key: 'loss',
  value,
  timestampMs: 1000 + step,
  step,
})

async function newRun(): Promise<string> {
  return (await server.store.createRun({ experimentId: '0' })).id
}

async function pointsOf(runId: string): Promise<readonly number[]> {
  const { items } = await server.store.getMetricHistory(runId, 'loss')
  return items.map(({ step }) => step)
}

async function filesLeft(): Promise<readonly string[]> {
  const entries = await readdir(spoolDirectory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

type Step =
  | { readonly do: 'log'; readonly count: number }
  | { readonly do: 'flush' }
  | { readonly do: 'crash'; readonly torn: boolean }
  | { readonly do: 'close' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('log'), count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash'), torn: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close') }) },
)
const fault = fc.constantFrom<Fault>(
  'none',
  'none',
  'refused',
  'busy',
  'failed-after',
  'reply-lost',
)

it('loses nothing and repeats nothing, in any order of writes, faults, crashes and starts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(fault, { maxLength: 40 }),
      async (steps, faults) => {
        const runId = await newRun()
        let at = 0
        const nextFault = () => faults[at++] ?? 'none'
        // The network of a process that has ended carries nothing more.
        const openOne = () => {
          const own = { isOver: false }
          life = own
          return open(() => (own.isOver ? 'refused' : nextFault()))
        }
        let life = { isOver: false }
        let store = await openOne()
        const dead: BufferedStore[] = []
        let logged = 0
        for (const one of steps) {
          if (one.do === 'log') {
            const metrics = Array.from({ length: one.count }, () => point(logged++))
            // The first write asks whether the run exists, and may not get an answer.
            await store.logBatch(runId, { metrics }).catch(() => {
              logged -= one.count
            })
          } else if (one.do === 'flush') await store.flush().catch(() => undefined)
          else {
            if (one.do === 'close') await store.close()
            else {
              life.isOver = true
              dead.push(store)
              if (one.torn) await tearLastLine()
            }
            store = await openOne()
          }
        }
        faults.length = 0
        await store.flush()
        await store.close()
        expect(await pointsOf(runId)).toEqual(Array.from({ length: logged }, (_, index) => index))
        expect(events.filter(({ kind }) => kind === 'refused')).toEqual([])
      },
    ),
    { numRuns: 60, seed: 20_261_123 },
  )
})

async function tearLastLine(): Promise<void> {
  const directories = await readdir(spoolDirectory)
  for (const directory of directories) {
    const names = await readdir(join(spoolDirectory, directory))
    const [name] = names.filter((one) => one.endsWith('.jsonl'))
    if (name !== undefined) await appendFile(join(spoolDirectory, directory, name), '{"kind":"bat')
  }
}

it('keeps everything that is written to a run while the server is away', async () => {
  const runId = await newRun()
  let away = false
  const faults = (): Fault => (away ? 'refused' : 'none')
  const store = await open(faults)
  await store.getRun(runId)
  away = true
  const dataset = { name: 'd', digest: 'x', sourceType: 'local', source: '{}' }
  await store.logBatch(runId, { metrics: [point(1, Number.NaN)], params: { seed: '7' } })
  await store.logInputs(runId, [{ dataset }])
  await store.writeArtifact(runId, 'model/weights.bin', Uint8Array.of(1, 2, 3))
  const ended = await store.updateRun(runId, { status: 'FINISHED' })
  await expect(store.getRun(runId)).rejects.toMatchObject({ code: 'TRACKING_UNAVAILABLE' })
  await store.close()
  expect(events.at(-1)).toMatchObject({ kind: 'left-behind', bytes: expect.any(Number) })

  away = false
  const later = await open()
  await later.flush()
  await later.close()
  expect(await server.store.getRun(runId)).toMatchObject({
    status: 'FINISHED',
    endTimeMs: ended.endTimeMs,
    params: { seed: '7' },
    metrics: [{ value: Number.NaN, step: 1 }],
    inputs: [{ dataset }],
  })
  expect([...(await server.store.readArtifact(runId, 'model/weights.bin'))]).toEqual([1, 2, 3])
  expect(await filesLeft()).toEqual([])
})

it('sets aside what the server refuses, and sends the rest', async () => {
  const runId = await newRun()
  const store = await open()
  await store.logBatch(runId, { params: { a: '1' } })
  await store.flush()
  await server.store.logBatch(runId, { params: { b: 'theirs' } })
  const metrics = Array.from({ length: 20 }, (_, at) => point(at))
  await store.logBatch(runId, { metrics, params: { b: 'ours', c: '3' } })
  await store.flush()
  expect(await pointsOf(runId)).toHaveLength(20)
  expect((await server.store.getRun(runId)).params).toEqual({ a: '1', b: 'theirs', c: '3' })
  const refused = events.filter(({ kind }) => kind === 'refused')
  expect(refused).toMatchObject([{ record: { batch: { params: { b: 'ours' } } } }])
  await store.close()
  const [log] = await filesLeft()
  const [directory = ''] = await readdir(spoolDirectory)
  expect(await readFile(join(spoolDirectory, directory, log ?? ''), 'utf8')).toContain('"ours"')
})

it('leaves the spool of a process that lives alone', async () => {
  const runId = await newRun()
  let away = false
  const living = await open(() => (away ? 'refused' : 'none'), process.pid)
  await living.getRun(runId)
  away = true
  await living.logBatch(runId, { metrics: [point(1)] })
  const other = await open()
  await other.flush()
  expect(await pointsOf(runId)).toEqual([])
  away = false
  await living.flush()
  expect(await pointsOf(runId)).toEqual([1])
  await Promise.all([other.close(), living.close()])
})

it('has what was written before in every answer', async () => {
  const store = await open()
  const run = await store.createRun({ experimentId: '0' })
  const steps = Array.from({ length: 2500 }, (_, at) => at)
  await Promise.all(steps.map((at) => store.logBatch(run.id, { metrics: [point(at)] })))
  expect((await store.getMetricHistory(run.id, 'loss')).items).toHaveLength(2500)
  expect(store.pendingBytes).toBe(0)
  await store.close()
  const client = createMlflowClient({ uri: server.uri, fetch, clock: server.clock })
  expect((await client.getRun(run.id)).metrics).toEqual([point(2499)])
})
