/**
 * One backtest by the local queue, and by Redis with 1, 2 and 4 worker processes: the digests must be
 * equal before any time is told. Then what the queue costs for a task of over a second.
 *
 * npm run bench:queue -- --json [--redis redis://127.0.0.1:6379]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { createRedisJobQueue } from '../../src/queue/redis/redis-job-queue.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    redis: { type: 'string', default: 'redis://127.0.0.1:6379' },
  },
})
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const WORKERS = [1, 2, 4]
/** Fits of one to a few seconds each, on one thread each. */
const CONFIG = {
  models: ['naive', 'lstm'],
  lstm: { seeds: 1, epochs: 20, patience: 20 },
  threads: 1,
}

interface Run {
  readonly digest: string
  readonly seconds: number
}

const directory = await mkdtemp(join(tmpdir(), 'tickerflow-bench-queue-'))
try {
  const local = await backtest('local', {})
  const runs: (Run & { readonly workers: number })[] = []
  for (const workers of WORKERS) runs.push({ workers, ...(await byRedis(workers)) })
  const differing = runs.filter(({ digest }) => digest !== local.digest)
  if (differing.length > 0) throw new Error(`Digests differ: ${JSON.stringify([local, ...runs])}`)
  const of = (workers: number) => runs.find((run) => run.workers === workers)?.seconds ?? Number.NaN
  const result = {
    cores: availableParallelism(),
    node: process.version,
    digest: local.digest,
    localSeconds: local.seconds,
    redisSeconds: Object.fromEntries(runs.map(({ workers, seconds }) => [workers, seconds])),
    speedUp1to2: of(1) / of(2),
    overheadFraction: await overheadFraction(),
  }
  const text = values.json
    ? JSON.stringify(result, null, 2)
    : Object.entries(result)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        .join('\n')
  process.stdout.write(`${text}\n`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

/** A store of its own for each run: nothing is found, everything is computed. */
async function backtest(name: string, queue: object): Promise<Run> {
  const config = join(directory, `${name}.json`)
  await writeFile(config, JSON.stringify({ ...CONFIG, ...queue }))
  const args = ['backtest', '--config', config, '--store', join(directory, name), '--json']
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const startedMs = performance.now()
  const [code] = await once(child, 'close')
  const seconds = (performance.now() - startedMs) / 1000
  const document = JSON.parse(Buffer.concat(chunks).toString())
  if (code !== 0) throw new Error(JSON.stringify(document))
  return { digest: document.digest, seconds }
}

async function byRedis(workers: number): Promise<Run> {
  const prefix = `tickerflow-bench-${randomUUID()}`
  const name = `redis-${workers}`
  const queue = { queue: { redis: values.redis, prefix } }
  const config = join(directory, `${name}.json`)
  await writeFile(config, JSON.stringify({ ...CONFIG, ...queue }))
  const args = [
    'worker',
    '--config',
    config,
    '--store',
    join(directory, name),
    '--concurrency',
    '1',
  ]
  const children: ChildProcess[] = []
  try {
    for (let i = 0; i < workers; i++) {
      const child = spawn(process.execPath, [MAIN, ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      children.push(child)
      await untilReady(child)
    }
    return await backtest(name, queue)
  } finally {
    for (const child of children) {
      child.kill('SIGINT')
      if (child.exitCode === null) await once(child, 'exit')
    }
    await forget(prefix)
  }
}

/** What it says later is read, too: a closed pipe would end it. */
async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.stderr?.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('Worker of')) resolve()
  })
  child.once('exit', () => reject(new Error('A worker ended before it was ready')))
  await promise
}

/** Time beyond that of the tasks themselves, as a share of it: tasks of 1.2 s, one after the other. */
async function overheadFraction(): Promise<number> {
  const TASKS = 5
  const prefix = `tickerflow-bench-${randomUUID()}`
  const queue = await createRedisJobQueue({
    url: values.redis,
    prefix,
    program: 'bench',
    rules: { attempts: 3, backOffMs: 1000 },
    leaseMs: 15_000,
    keepMs: 3_600_000,
    wallClock: () => Date.now(),
    newId: randomUUID,
  })
  let insideMs = 0
  const task = async () => {
    const begunMs = performance.now()
    await sleep(1200)
    insideMs += performance.now() - begunMs
    return new Uint8Array(6000)
  }
  const keys = Array.from({ length: TASKS }, (_, i) => `task${i}`)
  await queue.work({ task }, { concurrency: 1 })
  const startedMs = performance.now()
  for (const key of keys)
    await queue.add({ key, kind: 'task', label: key, payload: null, priority: 1 })
  await Promise.all(keys.map((key) => queue.outcome(key)))
  const totalMs = performance.now() - startedMs
  await queue.close()
  await forget(prefix)
  return (totalMs - insideMs) / insideMs
}

async function forget(prefix: string): Promise<void> {
  const client = new Redis(values.redis)
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if (keys.length > 0) await client.unlink(...keys)
  }
  client.disconnect()
}
