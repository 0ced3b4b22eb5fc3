/** What is live changes under load: no request fails, and each answer says which version made it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLiveModels, type ModelEvent } from '../../src/serving/models/live-models.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'
import {
  openServing,
  promote,
  registerFitted,
  type ServingFixture,
  untilVersion,
} from './serving-fixture.ts'

let fixture: ServingFixture
const versions: number[] = []

async function registerTwo(): Promise<void> {
  versions.length = 0
  for (const name of ['har', 'ewma']) {
    const { version } = await registerFitted(fixture.app, fixture.bars, { spec: { name } })
    versions.push(version)
  }
}

beforeEach(async () => {
  fixture = await openServing({ canaryShare: 0.3, shadows: true })
  await registerTwo()
}, 60_000)
afterEach(() => fixture.end())

/** Asks without a pause until told to stop. */
function load(clients: number) {
  const seen = new Map<string, number>()
  const failures: string[] = []
  let going = true
  const client = async () => {
    while (going) {
      const reply = await fixture.server.inject('/api/v1/forecasts/AAPL')
      if (reply.statusCode !== 200) failures.push(reply.body)
      const { version, kind } = reply.json()
      seen.set(`${version}:${kind}`, (seen.get(`${version}:${kind}`) ?? 0) + 1)
      await sleep(1)
    }
  }
  const clientsDone = Promise.all(Array.from({ length: clients }, client))
  return {
    seen,
    failures,
    async stop() {
      going = false
      await clientsDone
    },
  }
}

test('a promotion, a rollback and a broken new version during load: no failed request', async () => {
  const { app, server, bars } = fixture
  const [first = 0, second = 0] = versions
  promote(app, first)
  await untilVersion(server, first)
  const traffic = load(4)
  promote(app, second)
  await untilVersion(server, second)
  promote(app, first)
  await untilVersion(server, first)
  const broken = await registerFitted(app, bars, { spec: { name: 'har' } })
  await app.tracking.writeArtifact(broken.runId, 'model/forecaster.json', '{"format": "?"}')
  promote(app, broken.version)
  await sleep(200)
  promote(app, second)
  await untilVersion(server, second)
  await traffic.stop()
  expect(traffic.failures).toEqual([])
  expect([...traffic.seen.keys()].toSorted()).toEqual([`${first}:har`, `${second}:ewma`].toSorted())
})

test('only what was promoted is served, whatever the aliases say', async () => {
  const { app, server } = fixture
  const [first = 0, second = 0] = versions
  await app.tracking.setAlias({ name: 'aapl-forecaster', version: second }, 'production')
  expect((await server.inject('/api/v1/forecasts/AAPL')).statusCode).toBe(404)
  promote(app, first)
  await untilVersion(server, first)
  await app.tracking.setAlias({ name: 'aapl-forecaster', version: second }, 'production')
  expect((await server.inject('/api/v1/forecasts/AAPL')).json().version).toBe(String(first))
  expect((await server.inject(`/v2/models/aapl-forecaster/versions/${second}`)).statusCode).toBe(
    404,
  )
})

test('the canary answers its share, the same request id always the same version', async () => {
  const { app, server } = fixture
  const [first = 0, second = 0] = versions
  promote(app, first)
  promote(app, second, 'staging')
  const answer = async (id: string) =>
    (await server.inject({ url: '/api/v1/forecasts/AAPL', headers: { 'x-request-id': id } })).json()
  const answers = []
  for (let i = 0; i < 200; i++) answers.push(await answer(`request-${i}`))
  const canaries = answers.filter(({ environment }) => environment === 'staging')
  expect(canaries.length).toBeGreaterThan(40)
  expect(canaries.length).toBeLessThan(80)
  expect(canaries.every(({ version, usable }) => version === String(second) && !usable)).toBe(true)
  for (const i of [1, 2, 3]) expect(await answer(`request-${i}`)).toEqual(answers[i])
})

test('a registry that hangs: the last good version answers, and there is an end to waiting', async () => {
  const { app } = fixture
  const [first = 0, second = 0] = versions
  promote(app, first)
  let hangs = false
  const tracking: TrackingStore = new Proxy(app.tracking, {
    get(target, name) {
      if (hangs && name === 'getModelVersion') return () => new Promise(() => {})
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const events: ModelEvent[] = []
  const models = createLiveModels({
    database: app.database,
    liveVersion: app.liveVersion,
    tracking,
    stopwatch: app.stopwatch,
    onEvent: (event) => events.push(event),
    maxBytes: 1e9,
    loadTimeoutMs: 50,
  })
  expect((await models.answering('aapl-forecaster'))?.version).toBe(first)
  hangs = true
  promote(app, second)
  expect((await models.answering('aapl-forecaster'))?.version).toBe(first)
  await sleep(120)
  expect(events.at(-1)).toMatchObject({ event: 'model-load-failed', version: second })
  expect((await models.answering('aapl-forecaster'))?.version).toBe(first)
  const fresh = createLiveModels({
    database: app.database,
    liveVersion: app.liveVersion,
    tracking,
    stopwatch: app.stopwatch,
    onEvent: () => {},
    maxBytes: 1e9,
    loadTimeoutMs: 50,
  })
  await expect(fresh.answering('aapl-forecaster')).rejects.toMatchObject({
    code: 'MODEL_UNAVAILABLE',
  })
})

test('models beyond the memory bound go, the longest unasked first, and come back when asked', async () => {
  const { app } = fixture
  const [first = 0, second = 0] = versions
  promote(app, first)
  promote(app, second, 'staging')
  const events: string[] = []
  const models = createLiveModels({
    database: app.database,
    liveVersion: app.liveVersion,
    tracking: app.tracking,
    stopwatch: app.stopwatch,
    onEvent: ({ event }) => events.push(event),
    maxBytes: 300_000,
    loadTimeoutMs: 5_000,
  })
  for (const environment of ['production', 'staging', 'production'] as const) {
    expect(await models.answering('aapl-forecaster', environment)).toBeDefined()
    expect(models.loaded()).toHaveLength(1)
  }
  expect(events.filter((event) => event === 'model-evicted')).toHaveLength(2)
})
