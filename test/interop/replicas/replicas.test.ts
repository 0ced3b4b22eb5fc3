/** Three replicas behind nginx, as docs/how-to/run-on-a-cluster.md sets them up. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Cluster, REPLICAS, startCluster } from './cluster.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

let cluster: Cluster
let key: string
const headers = () => ({ authorization: `Bearer ${key}` })

beforeAll(async () => {
  cluster = await startCluster()
  const [run = '', models = '', keys = '', promote = ''] = cluster.page.commands('3. The first')
  await cluster.run(run)
  const [model] = await cluster.run(models)
  expect(model).toMatchObject({ name: 'aapl-forecaster' })
  key = (await cluster.run(keys)).key
  await cluster.run(promote)
  // A second version, whichever of the two the gate leaves live.
  await cluster.run(`${run} --seed 8`)
  for (const replica of REPLICAS) await cluster.startReplica(replica)
})

afterAll(async () => await cluster?.end())

interface Answer {
  readonly version: string
  readonly usable: boolean
  readonly reasons: readonly string[]
}

async function ask(base: string): Promise<Answer> {
  const reply = await fetch(`${base}/api/v1/forecasts/AAPL`, { headers: headers() })
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`)
  return (await reply.json()) as Answer
}

/** Asks through nginx while `work` is done. */
async function underLoad(work: () => Promise<void>): Promise<autocannon.Result> {
  const { promise, resolve } = Promise.withResolvers<autocannon.Result>()
  const options: autocannon.Options = {
    url: cluster.url,
    connections: 8,
    // Far longer than the work: it is ended with it.
    duration: 600,
    overallRate: 80,
    timeout: 30,
    headers: headers(),
    requests: [{ path: '/api/v1/forecasts/AAPL' }],
  }
  const load = autocannon(options, (_error, result) => resolve(result))
  await sleep(1_000)
  try {
    await work()
    await sleep(1_000)
  } finally {
    load.stop()
  }
  return await promise
}

const failed = ({ errors, timeouts, non2xx }: autocannon.Result) => ({ errors, timeouts, non2xx })
/** This machine may have more to do than this. */
const PATIENCE = { timeout: 20_000, interval: 100 }
const NONE = { errors: 0, timeouts: 0, non2xx: 0 }

test('the page: a forecast through nginx, by the command of the page', () => {
  const line = cluster.page.commands('4. Three replicas').at(-1) ?? ''
  const said = execFileSync('sh', ['-c', `${line} --silent`], {
    encoding: 'utf8',
    env: { ...process.env, KEY: key },
  })
  expect(JSON.parse(said)).toMatchObject({ symbol: 'AAPL', model: 'aapl-forecaster' })
})

describe('under load', () => {
  let answered = 0

  test('a rolling restart and a promotion fail no request, and all replicas follow', async () => {
    const lags: number[] = []
    const next = (await ask(cluster.url)).version === '1' ? '2' : '1'
    const result = await underLoad(async () => {
      for (const replica of REPLICAS) {
        await cluster.stopReplica(replica)
        await cluster.startReplica(replica)
        if (replica !== 1) continue
        const reason = '--override --reason test --store'
        const [, , , promote = ''] = cluster.page.commands('3. The first')
        await cluster.run(
          promote.replace(' 1 ', ` ${next} `).replace(/--override.*--store/, reason),
        )
        const since = performance.now()
        await Promise.all(
          ([0, 1] as const).map(async (follower) => {
            await expect
              .poll(async () => (await ask(cluster.replicaUrl(follower))).version, PATIENCE)
              .toBe(next)
            lags.push(performance.now() - since)
          }),
        )
      }
    })
    expect(failed(result)).toEqual(NONE)
    answered = result['2xx']
    expect(answered).toBeGreaterThan(300)
    expect(Math.max(...lags)).toBeLessThan(5_000)
    for (const replica of REPLICAS) {
      expect((await ask(cluster.replicaUrl(replica))).version).toBe(next)
    }
  })

  test('every answer was recorded, each replica in a chain of its own, and all chains are whole', async () => {
    const store = cluster.page.commands('3. The first')[1]?.split('--store ')[1]
    const records = await cluster.run(`tickerflow verify --store ${store}`)
    expect(records.intact).toBe(true)
    const count = "SELECT count(DISTINCT name) FROM ledger_chains WHERE name LIKE 'api-1-%'"
    expect(Number(psql(count))).toBe(3)
    const lines =
      "SELECT count(*) FROM ledger_lines JOIN ledger_tracks USING (track) WHERE role = 'champion'"
    expect(Number(psql(lines))).toBeGreaterThanOrEqual(answered)
  })

  test('PostgreSQL restarted fails no request: what could not be recorded says so', async () => {
    const seen = new Set<string>()
    const result = await underLoad(async () => {
      await cluster.postgres.stop()
      try {
        for (let i = 0; i < 10; i++) {
          for (const reason of (await ask(cluster.url)).reasons) seen.add(reason)
          await sleep(100)
        }
      } finally {
        await cluster.postgres.start()
      }
    })
    expect(failed(result)).toEqual(NONE)
    expect([...seen]).toContain('unrecorded')
    await expect
      .poll(async () => (await ask(cluster.url)).reasons, PATIENCE)
      .not.toContain('unrecorded')
  })
})

test('a revoked key is refused by every replica within seconds', async () => {
  const [, , create = ''] = cluster.page.commands('3. The first')
  const store = create.split('--store ')[1]
  const { id, key: text } = await cluster.run(create.replace('desk', 'guest'))
  const status = async (replica: (typeof REPLICAS)[number]) => {
    const guest = { authorization: `Bearer ${text}` }
    return (await fetch(`${cluster.replicaUrl(replica)}/api/v1/models`, { headers: guest })).status
  }
  expect(await Promise.all(REPLICAS.map(status))).toEqual([200, 200, 200])
  await cluster.run(`tickerflow keys revoke ${id} --store ${store}`)
  await sleep(2_500)
  expect(await Promise.all(REPLICAS.map(status))).toEqual([401, 401, 401])
})

test('a limit of requests is of all replicas together, and nobody is kept out while Redis is away', async () => {
  for (const replica of REPLICAS) await cluster.stopReplica(replica)
  for (const replica of REPLICAS) await cluster.startReplica(replica, ['--rate-limit', '30'])
  const [, , create = ''] = cluster.page.commands('3. The first')
  const { key: counted } = await cluster.run(create.replace('desk', 'counted'))
  const own = { authorization: `Bearer ${counted}` }
  const statuses: number[] = []
  for (let i = 0; i < 45; i++) {
    const base = cluster.replicaUrl(REPLICAS[i % 3] ?? 0)
    statuses.push((await fetch(`${base}/api/v1/models`, { headers: own })).status)
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(30)
  expect(statuses.filter((status) => status === 429)).toHaveLength(15)
  await cluster.stopRedis()
  for (const replica of REPLICAS) {
    const base = cluster.replicaUrl(replica)
    expect((await fetch(`${base}/api/v1/models`, { headers: own })).status).toBe(200)
  }
})

test('of two schedulers one leads, and the other takes over when it is gone', async () => {
  const [first, second] = [cluster.startScheduler(), cluster.startScheduler()]
  const holder = async () => {
    const [name] = psql("SELECT holder FROM leases WHERE name = 'scheduler'").split('\n')
    const pid = / process (\d+) /.exec(name ?? '')?.[1]
    return pid === undefined ? undefined : Number(pid)
  }
  await expect.poll(holder, PATIENCE).toBeDefined()
  const leader = (await holder()) as number
  const pids = [first, second].map(({ child }) => child.pid)
  expect(pids).toContain(leader)
  process.kill(leader, 'SIGKILL')
  await expect.poll(holder, { timeout: 40_000 }).not.toBe(leader)
  expect(pids).toContain(await holder())
})

function psql(statement: string): string {
  return cluster.postgres.psql(statement, 'tickerflow')
}
