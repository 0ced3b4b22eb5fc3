/**
 * Forecasts per second and latency beside FastAPI with PyTorch and with ONNX Runtime: same request,
 * same weights, one process each, request logs on, every answer checked before anything is timed.
 *
 * npm run bench:serving -- [--json] [--rounds=3] [--seconds=8] [--python=PATH]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { machine, median, report } from '../measure.ts'
import { type Workload, workloads } from './requests.ts'
import {
  benchPython,
  type ServerName,
  type ServerPlace,
  startServer,
  trainedStore,
} from './servers.ts'

const SERVERS: readonly ServerName[] = ['tickerflow', 'fastapi-torch', 'fastapi-onnx']
const CONNECTIONS = [1, 50]
/** Of the forecast's scale: the others compute in single precision. */
const TOLERANCE = 1e-3

const numberFlag = (name: string, otherwise: number) =>
  Number(process.argv.find((flag) => flag.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
const rounds = numberFlag('rounds', 3)
const seconds = numberFlag('seconds', 8)

interface Measured {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const directory = await mkdtemp(join(tmpdir(), 'tickerflow-bench-serving-'))
try {
  const place: ServerPlace = { ...trainedStore(directory), directory, python: benchPython() }
  const all = await workloads(place.modelDirectory)
  const raw = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? SERVERS : SERVERS.toReversed()
    for (const name of order) await measureServer(name, { place, all, raw })
  }
  report({ ...machine(), rounds, seconds, ...figures(all, raw) })
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

interface Work {
  readonly place: ServerPlace
  readonly all: readonly Workload[]
  readonly raw: Map<string, Measured[]>
}

async function measureServer(name: ServerName, { place, all, raw }: Work): Promise<void> {
  const server = await startServer(name, place)
  try {
    for (const workload of all) {
      await verify(server.uri, workload)
      await load(server.uri, workload, { connections: 10, seconds: 2 })
      for (const connections of CONNECTIONS) {
        const measured = await load(server.uri, workload, { connections, seconds })
        const key = `${name}, ${workload.name}, ${connections} connection(s)`
        raw.set(key, [...(raw.get(key) ?? []), measured])
        console.error(`${key}: ${JSON.stringify(measured)}`)
      }
    }
  } finally {
    await server.stop()
  }
}

/** @throws {Error} Unless every twentieth answer is the project's own forecast. */
async function verify(uri: string, { path, bodies, expected, read }: Workload): Promise<void> {
  for (let i = 0; i < bodies.length; i += 20) {
    const body = bodies[i] ?? ''
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(uri + path, { method: 'POST', headers, body })
    if (!reply.ok) throw new Error(`${uri}${path}: ${reply.status} ${await reply.text()}`)
    const received = read((await reply.json()) as never)
    const wanted = expected[i] ?? []
    const scale = wanted[1] ?? Number.NaN
    const units = [scale, scale, wanted[2] ?? Number.NaN]
    const isSame = wanted.every(
      (value, k) => Math.abs(value - (received[k] ?? Number.NaN)) <= TOLERANCE * (units[k] ?? 0),
    )
    if (!isSame) throw new Error(`${uri}${path} answers [${received}], expected [${wanted}]`)
  }
}

async function load(
  uri: string,
  { path, bodies }: Workload,
  { connections, seconds: duration }: { connections: number; seconds: number },
): Promise<Measured> {
  let client = 0
  const result = await autocannon({
    url: uri,
    connections,
    duration,
    setupClient(one) {
      const from = (client++ * 97) % bodies.length
      const turned = [...bodies.slice(from), ...bodies.slice(0, from)]
      one.setRequests(
        turned.map((body) => ({
          method: 'POST' as const,
          path,
          body,
          headers: { 'content-type': 'application/json' },
        })),
      )
    },
  })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${uri}${path}, ${connections} connections: ${result.non2xx} answers were not 2xx, ${result.errors} requests failed, ${result.timeouts} of them by time`,
    )
  }
  const { latency, requests } = result
  return { requestsPerSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 }
}

function figures(all: readonly Workload[], raw: ReadonlyMap<string, readonly Measured[]>) {
  const of = (key: string, field: keyof Measured) =>
    median((raw.get(key) ?? []).map((measured) => measured[field]))
  const lines = [...raw].flatMap(([key, measured]) =>
    (['requestsPerSecond', 'p50Ms', 'p99Ms'] as const).map((field) => [
      `${key}: ${field}`,
      [of(key, field), ...measured.map((one) => one[field])],
    ]),
  )
  const ratios = all.flatMap(({ name }) =>
    SERVERS.slice(1).flatMap((peer) => {
      const [own, other] = [
        `tickerflow, ${name}, 50 connection(s)`,
        `${peer}, ${name}, 50 connection(s)`,
      ]
      const throughput = of(own, 'requestsPerSecond') / of(other, 'requestsPerSecond')
      return [
        [`times ${peer}, ${name}: throughput`, throughput],
        [`times ${peer}, ${name}: p99`, of(own, 'p99Ms') / of(other, 'p99Ms')],
      ]
    }),
  )
  return Object.fromEntries([...lines, ...ratios]) as Record<string, unknown>
}
