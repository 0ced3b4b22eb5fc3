/** A long load while what is live changes again and again: does anything fail, grow or leak? */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import type { Workload } from './requests.ts'
import type { StartedServer } from './servers.ts'

const MODEL = 'aapl-forecaster'
const CONNECTIONS = 20
const SWAP_EVERY_MS = 100
const LOOK_EVERY_MS = 500

export interface SoakOptions {
  readonly server: StartedServer
  readonly workloads: readonly Workload[]
  readonly requests: number
  readonly onLook?: (done: number) => void
}

export interface SoakOutcome {
  readonly requests: number
  /** Answers other than 2xx, connections that broke, requests without an answer. */
  readonly failed: number
  readonly swaps: number
  /** Answers from the stored bars by the version that they name. */
  readonly answersByVersion: Readonly<Record<string, number>>
  /** Different forecasts of the same moment under one version's name: more than 1 is a false label. */
  readonly forecastsByVersion: Readonly<Record<string, number>>
  readonly requestsPerSecond: number
  /** Of the server's process, over time. */
  readonly residentMegabytes: readonly number[]
  readonly openHandles: readonly number[]
}

/**
 * Sends requests of all kinds while versions 1 and 2 take turns in Production.
 *
 * @throws {Error} When a swap is refused. Needs Linux: memory and handles are read from /proc.
 */
export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const { server, workloads, requests, onLook } = options
  const answers = countAnswers()
  const swapping = startSwapping(server.uri)
  const looking = startLooking(server.pid, () => onLook?.(answers.total()))
  const load = autocannon({
    url: server.uri,
    connections: CONNECTIONS,
    amount: requests,
    setupClient(client) {
      client.setRequests(requestsOf(workloads))
      client.on('body', (body) => answers.add(body.toString()))
    },
  })
  const { '2xx': answered, non2xx, duration } = await load
  const swaps = await swapping.stop()
  const { residentMegabytes, openHandles } = looking.stop()
  return {
    requests: answered + non2xx,
    failed: requests - answered,
    swaps,
    ...answers.byVersion(),
    requestsPerSecond: Math.round(answered / duration),
    residentMegabytes,
    openHandles,
  }
}

/** Of each kind one after the other: stored bars, the caller's bars, the model's columns. */
function requestsOf(workloads: readonly Workload[]) {
  const get = { method: 'GET' as const, path: '/api/v1/forecasts/AAPL' }
  const headers = { 'content-type': 'application/json' }
  return Array.from({ length: 100 }, (_, i) => [
    get,
    ...workloads.map(({ path, bodies }) => ({
      ...{ method: 'POST' as const, path, headers },
      body: bodies[i % bodies.length] ?? '',
    })),
  ]).flat()
}

/** Answers from stored bars are all of one moment: each version has one forecast for it. */
function countAnswers() {
  const counts = new Map<string, number>()
  const locations = new Map<string, Set<string>>()
  let total = 0
  return {
    total: () => total,
    add(body: string) {
      total++
      if (!body.startsWith('{"symbol"')) return
      const version = /"version":"(\d+)"/.exec(body)?.[1] ?? 'none'
      const location = /"location":([^,]+)/.exec(body)?.[1] ?? 'none'
      counts.set(version, (counts.get(version) ?? 0) + 1)
      locations.set(version, (locations.get(version) ?? new Set()).add(location))
    },
    byVersion: () => ({
      answersByVersion: Object.fromEntries(counts),
      forecastsByVersion: Object.fromEntries([...locations].map(([v, set]) => [v, set.size])),
    }),
  }
}

function startSwapping(uri: string) {
  let going = true
  const change = async (action: string, body: object) => {
    const reply = await fetch(`${uri}/api/v1/models/${MODEL}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!reply.ok) throw new Error(`${action}: ${reply.status} ${await reply.text()}`)
  }
  const work = (async () => {
    let swaps = 0
    for (; going; swaps++) {
      const reason = 'soak'
      if (swaps % 2 === 0) {
        await change('promote', { version: 2, to: 'production', override: { reason } })
      } else {
        await change('rollback', { environment: 'production', to: 1, reason })
      }
      await sleep(SWAP_EVERY_MS)
    }
    return swaps
  })()
  // Whoever stops the swapping gets the error; until then it is nobody's.
  work.catch(() => {})
  return {
    async stop() {
      going = false
      return await work
    },
  }
}

function startLooking(pid: number, onLook: () => void) {
  const residentMegabytes: number[] = []
  const openHandles: number[] = []
  const timer = setInterval(() => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    residentMegabytes.push(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024))
    openHandles.push(readdirSync(`/proc/${pid}/fd`).length)
    onLook()
  }, LOOK_EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      return { residentMegabytes, openHandles }
    },
  }
}
