/** A server that cannot keep up says so, to all but those who ask whether it lives; then it recovers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServing, type ServingFixture } from '../integration/serving-fixture.ts'

const SETTLING_MS = 3_000
const BLOCKED_MS = 400

let fixture: ServingFixture

beforeAll(async () => {
  fixture = await openServing({ limits: { maxEventLoopDelayMs: 100 } })
})
afterAll(() => fixture.end())

/** Holds the event loop for most of two seconds, as work that the server cannot keep up with does. */
async function keepBusy(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const untilMs = performance.now() + BLOCKED_MS
    while (performance.now() < untilMs);
    await sleep(1)
  }
}

test('under pressure 503 with Retry-After, never for health; nothing while it starts; then as before', async () => {
  const models = () => fixture.server.inject('/api/v1/models')
  await keepBusy()
  expect((await models()).statusCode).toBe(200)
  await sleep(SETTLING_MS)
  await keepBusy()
  const refused = await models()
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1'])
  expect(refused.json().type).toBe('urn:tickerflow:problem:overloaded')
  expect((await fixture.server.inject('/health/live')).statusCode).toBe(200)
  await sleep(3_000)
  expect((await models()).statusCode).toBe(200)
}, 30_000)
