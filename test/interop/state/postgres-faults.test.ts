/** What becomes of the state when PostgreSQL is restarted, killed, or cut off in the middle of a commit. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { STATE_SCHEMAS } from '../../../src/compose.ts'
import type { LedgerEntry } from '../../../src/monitoring/ledger/ledger-line.ts'
import { readLedger, verifyLedger } from '../../../src/monitoring/ledger/verify-ledger.ts'
import { openState, type State } from '../../../src/open-state.ts'
import { checkState } from '../../../src/pipeline/doctor/state-check.ts'
import { appendAudit, readAuditLog, verifyAuditLog } from '../../../src/registry/audit-log.ts'
import { CUT_AFTER_COMMIT, CUT_BEFORE_COMMIT, CUT_NOW, type ProxyStart } from './cutting-proxy.ts'
import { type PostgresServer, startPostgresServer } from './postgres-server.ts'

let server: PostgresServer
let url: string
const opened: State[] = []

beforeAll(async () => {
  server = await startPostgresServer()
})

afterAll(async () => await server?.end())

beforeEach(() => {
  url = server.newState()
})

afterEach(async () => {
  for (const state of opened.splice(0)) await state.close()
})

async function open(address = url, machineClock = () => Date.now()): Promise<State> {
  const options = { file: '', postgres: address, patienceMs: 10_000, schemas: STATE_SCHEMAS }
  const state = await openState({ ...options, machineClock })
  opened.push(state)
  return state
}

function entry(asOf: number): LedgerEntry {
  return {
    request: `r-${asOf}`,
    forecast: {
      symbol: 'AAPL',
      horizon: 1,
      model: 'aapl-forecaster',
      version: 1,
      role: 'champion',
      asOf,
      issuedAtMs: 1_700_000_000_000,
      distribution: { location: 0.1 / (asOf + 1), scale: 0.01, degreesOfFreedom: 5 },
      referenceClose: 49.25,
      inputs: 'ab'.repeat(32),
      late: false,
    },
  }
}

/** Appends until it is told to stop; `days` of what was acknowledged and of what was refused. */
function keepAppending(state: State, chain: string, firstDay: number) {
  const ledger = state.openLedger(chain)
  const [acknowledged, refused]: [number[], number[]] = [[], []]
  let day = firstDay
  let isOver = false
  const one = async () => {
    while (!isOver) {
      const own = day++
      await ledger.append([entry(own)]).then(
        () => acknowledged.push(own),
        () => refused.push(own),
      )
    }
  }
  const all = Promise.all(Array.from({ length: 8 }, one))
  return {
    acknowledged,
    refused,
    async stop() {
      isOver = true
      await all
    },
  }
}

/** Every acknowledged line is there once, none of the others twice, and all chains are whole. */
async function expectExactlyOnce(writers: readonly ReturnType<typeof keepAppending>[]) {
  const { database } = await open()
  const days = [...readLedger(database)].map(({ asOf }) => asOf)
  expect(new Set(days).size).toBe(days.length)
  const acknowledged = writers.flatMap((writer) => writer.acknowledged)
  expect(acknowledged.filter((day) => !days.includes(day))).toEqual([])
  expect(verifyLedger(database)).toMatchObject({ intact: true, lines: days.length })
  const beside = database.prepare('SELECT count(*) AS n FROM ledger_requests').get()?.n
  expect(beside).toBe(days.length)
  return { lines: days.length, acknowledged: acknowledged.length }
}

describe('lines that are being appended', () => {
  test('are there exactly once when PostgreSQL is restarted and its connections are ended', async () => {
    const states = [await open(), await open()]
    const writers = [
      ...states.map((state, i) => keepAppending(state, `own-${i}`, 1_000_000 * (i + 1))),
      ...states.map((state, i) => keepAppending(state, 'shared', 1_000_000 * (i + 3))),
    ]
    for (let i = 0; i < 5; i++) {
      await sleep(150)
      server.psql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tickerflow'`,
      )
    }
    await sleep(200)
    await server.stop()
    await sleep(300)
    await server.start()
    const before = writers.map(({ acknowledged }) => acknowledged.length)
    await sleep(2_000)
    for (const writer of writers) await writer.stop()
    for (const [i, { acknowledged }] of writers.entries()) {
      expect(acknowledged.length).toBeGreaterThan(before[i] ?? 0)
    }
    expect((await expectExactlyOnce(writers)).acknowledged).toBeGreaterThan(50)
  })

  test('are there exactly once when the network is cut before, during and after a commit', async () => {
    const proxy = await startProxy()
    try {
      const writer = keepAppending(await open(proxy.url), 'far', 1)
      const modes = [CUT_AFTER_COMMIT, CUT_BEFORE_COMMIT, CUT_NOW]
      for (let i = 0; i < 24; i++) {
        await proxy.cut(modes[i % 3] ?? CUT_NOW)
        await sleep(100)
      }
      await writer.stop()
      const { acknowledged, lines } = await expectExactlyOnce([writer])
      expect(proxy.cuts()).toBeGreaterThanOrEqual(24)
      expect(acknowledged).toBeGreaterThan(24)
      // Every cut was survived: what was asked was recorded.
      expect(lines).toBe(acknowledged)
      expect(writer.refused).toEqual([])
    } finally {
      await proxy.end()
    }
  })
})

describe('a decision with its audit line', () => {
  test('is known to have happened or not when the answer to its commit is lost', async () => {
    const proxy = await startProxy()
    try {
      const { database } = await open(proxy.url)
      const decide = (atMs: number) =>
        database.transaction(() => {
          database.prepare('INSERT INTO leases VALUES (?, ?, ?)').run(`n${atMs}`, 'me', 1)
          appendAudit(database, { atMs, event: 'decided', fields: {} })
        })
      decide(1)
      proxy.ask(CUT_AFTER_COMMIT)
      decide(2)
      proxy.ask(CUT_BEFORE_COMMIT)
      expect(() => decide(3)).toThrow(expect.objectContaining({ code: 'STATE_UNREACHABLE' }))
      decide(4)
      expect(proxy.cuts()).toBe(2)
      expect(readAuditLog(database).map(({ atMs }) => atMs)).toEqual([1, 2, 4])
      expect(verifyAuditLog(database).intact).toBe(true)
      expect(database.prepare('SELECT count(*) AS n FROM leases').get()?.n).toBe(3)
    } finally {
      await proxy.end()
    }
  })

  test('waits for a server that is being restarted', async () => {
    const { database } = await open()
    appendAudit(database, { atMs: 1, event: 'before', fields: {} })
    await server.stop()
    await server.start()
    appendAudit(database, { atMs: 2, event: 'after', fields: {} })
    expect(readAuditLog(database)).toHaveLength(2)
  })
})

test('what is live stays known while the server is away, and a promotion is seen when it is back', async () => {
  const [here, there] = [await open(), await open()]
  const slot = { model: 'm', environment: 'production' } as const
  const promote = (version: number) =>
    there.database
      .prepare(
        `INSERT INTO promotions (id, model, version, environment, kind, recipe, requester, approvals,
           state, requested_at, commit_number, committed_at)
         VALUES (?, 'm', ?, 'production', 'gate', 'r', 'ada', 'local', 'committed', 1, ?, 1)`,
      )
      .run(`p${version}`, version, version)
  promote(1)
  expect(here.liveVersion(slot)).toBe(1)
  promote(2)
  await expect.poll(() => here.liveVersion(slot), { timeout: 3_000 }).toBe(2)
  await server.stop()
  await sleep(1_500)
  expect(here.liveVersion(slot)).toBe(2)
  await server.start()
  promote(3)
  await expect.poll(() => here.liveVersion(slot), { timeout: 10_000 }).toBe(3)
})

test("a machine whose clock is an hour ahead goes by the server's", async () => {
  const ahead = await open(url, () => Date.now() + 3_600_000)
  expect(Math.abs(ahead.wallClock() - Date.now())).toBeLessThan(2_000)
})

test('the doctor says whether the server answers, and whether the clocks agree', async () => {
  const look = (machineClock: () => number, postgres = url) =>
    checkState({ state: { postgres } }, machineClock)
  const now = () => Date.now()
  expect(await look(now)).toMatchObject([
    {
      check: 'state',
      verdict: 'ok',
      found: expect.stringMatching(/^PostgreSQL \d+.* at postgres:/),
    },
  ])
  expect(await look(() => now() + 3_600_000)).toMatchObject([
    { verdict: 'warning', found: expect.stringMatching(/clock is 36\d\d s ahead of/) },
  ])
  expect(await look(now, 'postgres://nobody@127.0.0.1:1/none')).toMatchObject([
    { verdict: 'failure', found: expect.stringContaining('cannot be reached') },
  ])
  expect(server.psql(`SELECT count(*) FROM pg_tables WHERE schemaname = '${schemaOf(url)}'`)).toBe(
    '0',
  )
})

function schemaOf(address: string): string {
  return /search_path%3D(\w+)/.exec(address)?.[1] ?? ''
}

test('a server that is not there, or a newer program, is named', async () => {
  await expect(open('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'STATE_UNREACHABLE',
    message: expect.stringContaining('postgres://127.0.0.1:1/none'),
  })
  const { database } = await open()
  database.prepare("INSERT INTO tickerflow_migrations VALUES ('ledger-999', '2999-01-01')").run()
  await expect(open()).rejects.toMatchObject({ code: 'STORE_FORMAT' })
})

async function startProxy() {
  const control = new Int32Array(new SharedArrayBuffer(8))
  const start: ProxyStart = { target: server.port, control }
  const worker = new Worker(new URL('./cutting-proxy.ts', import.meta.url), { workerData: start })
  const port = await new Promise<number>((resolve) =>
    worker.once('message', ({ port: own }: { port: number }) => resolve(own)),
  )
  const ask = (mode: number) => Atomics.store(control, 0, mode)
  const cuts = () => Atomics.load(control, 1)
  return {
    url: url.replace(`:${server.port}/`, `:${port}/`),
    ask,
    cuts,
    /** Resolves when it has cut. */
    async cut(mode: number) {
      const before = cuts()
      ask(mode)
      while (cuts() === before) await sleep(5)
    },
    async end() {
      await worker.terminate()
    },
  }
}
