/**
 * What each plugin adds to a request with 270 bars: processor time of the server's process, beside the
 * same server without it. A fresh process per measurement, the order turned each round.
 *
 * npm run bench:plugins -- [--json] [--rounds=5] [--requests=10000]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { machine, median, report } from '../measure.ts'
import { PLUGINS, type PluginName } from './plugin-names.ts'
import { workloads } from './requests.ts'
import { trainedStore } from './servers.ts'

const SERVER = join(import.meta.dirname, 'plugin-server.ts')
const WARM_UP = 5_000

const numberFlag = (name: string, otherwise: number) =>
  Number(process.argv.find((flag) => flag.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
const rounds = numberFlag('rounds', 5)
const requests = numberFlag('requests', 10_000)

const directory = await mkdtemp(join(tmpdir(), 'tickerflow-plugins-'))
try {
  const [bars] = await workloads(trainedStore(directory).modelDirectory)
  const bodies = bars?.bodies ?? []
  const raw = new Map<PluginName, number[]>(PLUGINS.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? PLUGINS : PLUGINS.toReversed()
    for (const name of order) {
      const microseconds = await costOf(name, bodies)
      raw.get(name)?.push(microseconds)
      console.error(`round ${round + 1} of ${rounds}, ${name}: ${microseconds.toFixed(1)} µs`)
    }
  }
  report({ ...machine(), rounds, requests, ...added(raw) })
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** Processor time per request, µs. */
async function costOf(name: PluginName, bodies: readonly string[]): Promise<number> {
  const server = spawn(process.execPath, [SERVER, `--with=${name}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    const [line] = await once(server.stdout, 'data')
    const uri = String(line).trim()
    await load(uri, bodies, WARM_UP)
    const before = await spent(uri)
    await load(uri, bodies, requests)
    return ((await spent(uri)) - before) / requests
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}

async function spent(uri: string): Promise<number> {
  const { user, system } = (await (await fetch(`${uri}/cpu`)).json()) as NodeJS.CpuUsage
  return user + system
}

async function load(uri: string, bodies: readonly string[], amount: number): Promise<void> {
  const { non2xx, errors } = await autocannon({
    url: uri,
    connections: 50,
    amount,
    requests: bodies.slice(0, 200).map((body) => ({
      method: 'POST' as const,
      path: '/api/v1/forecasts',
      headers: { 'content-type': 'application/json' },
      body,
    })),
  })
  if (non2xx + errors > 0) throw new Error(`${uri}: ${non2xx + errors} requests failed`)
}

/** Medians, and what each has on top of the server without any. */
function added(raw: ReadonlyMap<PluginName, readonly number[]>): Record<string, unknown> {
  const bare = median(raw.get('none') ?? [])
  return Object.fromEntries(
    [...raw].flatMap(([name, values]) => [
      [`${name}: µs per request`, [median(values), ...values]],
      ...(name === 'none' ? [] : [[`${name}: µs added`, median(values) - bare]]),
    ]),
  )
}
