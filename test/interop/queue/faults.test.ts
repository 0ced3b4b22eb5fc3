/** Whatever happens to workers, Redis, network and clocks: every result once, nothing lost, the same end. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Bench, createBench, expectWhole, FLOW, job, untilBegun } from './faulty-work.ts'
import {
  type CuttableWay,
  canSeparateNetworks,
  proxiedNetwork,
  separateNetwork,
} from './network.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

let redis: RedisServer
let bench: Bench
beforeEach(async () => {
  redis = await startRedis()
  bench = await createBench(redis.url)
})
afterEach(async () => {
  await bench.close()
  await redis.end()
})

test('a worker that is killed in the middle of a job costs time and nothing else', async () => {
  await bench.queue.add(FLOW)
  const [doomed] = await Promise.all([bench.worker(), bench.worker()])
  await untilBegun(bench, doomed.pid)
  doomed.kill('SIGKILL')
  await expectWhole(bench.queue)
})

test('a Redis that is killed and started again has forgotten nothing', async () => {
  await bench.queue.add(FLOW)
  const [first] = await Promise.all([bench.worker(), bench.worker()])
  await untilBegun(bench, first.pid)
  await redis.restart()
  await expectWhole(bench.queue)
})

test.skipIf(!canSeparateNetworks())(
  'a worker in a network of its own that is cut off comes back, and its late results change nothing',
  async () => {
    const reachable = await startRedis('0.0.0.0')
    const own = await createBench(`redis://127.0.0.1:${reachable.port}`)
    const way = separateNetwork(reachable.port)
    try {
      await cutAndRestore(own, way)
    } finally {
      await own.close()
      way.remove()
      await reachable.end()
    }
  },
)

test('a worker whose connection goes silent for longer than its lease comes back', async () => {
  const way = await proxiedNetwork(redis.port)
  try {
    await cutAndRestore(bench, way)
  } finally {
    way.remove()
  }
})

async function cutAndRestore(bench: Bench, way: CuttableWay): Promise<void> {
  await bench.queue.add(FLOW)
  const { url, through } = way
  const [far] = await Promise.all([bench.worker({ url, through }), bench.worker()])
  await untilBegun(bench, far.pid)
  way.cut()
  await sleep(4000)
  way.restore()
  await expectWhole(bench.queue)
}

test('a job that kills every worker is given up, and the rest is done', async () => {
  const poison = job('poisoned', 'poison')
  await bench.queue.add({ ...poison, priority: 0 })
  await bench.queue.add(FLOW)
  let killed = 0
  let watching = true
  const isOver = bench.queue.outcome(poison.key)
  // What watches over workers starts a new one where one has died.
  const watch = async (): Promise<void> => {
    const child = await bench.worker()
    if (child.signalCode === null) await once(child, 'exit')
    killed++
    if (watching) await watch()
  }
  watch().catch(() => {})
  const healthy = await Promise.race([isOver, sleep(50_000)])
  expect(healthy).toMatchObject({ state: 'dead', failure: { code: 'WORKER_FAILED' } })
  expect(killed).toBeGreaterThanOrEqual(2)
  const begun = (await bench.log()).filter((line) => line.endsWith(' poisoned'))
  expect(begun).toHaveLength(3)
  watching = false
  await bench.queue.outcome(FLOW.key)
  expect(await bench.queue.counts()).toMatchObject({ done: 15, dead: 1, waiting: 0, blocked: 0 })
})

test('a worker whose clock is an hour ahead keeps nobody waiting for an hour', async () => {
  const flaky = job('flaky', 'flaky')
  await bench.queue.add(flaky)
  const ahead = await bench.worker({ clockAheadMs: 3_600_000 })
  await untilBegun(bench, ahead.pid)
  ahead.kill('SIGKILL')
  await bench.queue.add(FLOW)
  await Promise.all([bench.worker({ clockAheadMs: 3_600_000 }), bench.worker()])
  const end = await bench.queue.outcome(flaky.key)
  expect(end).toMatchObject({ state: 'done' })
  await bench.queue.outcome(FLOW.key)
  expect(await bench.queue.counts()).toMatchObject({ done: 16, dead: 0, waiting: 0, blocked: 0 })
})

test('two that plan the same work at the same time have it done once', async () => {
  const other = await bench.open()
  await Promise.all([bench.worker(), bench.worker()])
  await Promise.all([bench.queue.add(FLOW), other.add(FLOW), other.add(FLOW)])
  await Promise.all([expectWhole(bench.queue), expectWhole(other)])
  const begun = (await bench.log()).filter((line) => line.startsWith('begun'))
  expect(begun).toHaveLength(12)
})
