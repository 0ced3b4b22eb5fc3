/**
 * Times the tracking server beside MLflow's own.
 *
 *   npm run bench:tracking [-- --json] [--rounds 5] [--starts 3] [--python PATH] [--alone]
 *
 * Both are processes that serve a new store on the same disk, `mlflow server` with one worker; the same
 * client asks both over one connection. They are filled alike, and their answers compared, before
 * anything is timed. Rounds alternate in order; a figure is the median over the rounds, a ratio the
 * median of the rounds' ratios. MLflow comes from an environment under `.venv/`, made when missing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine, median } from '../measure.ts'
import { createHttpClient } from './http-client.ts'
import { builtTickerflow, mlflowServer, type Server, type StartServer } from './servers.ts'
import { assertSameAnswers } from './verify.ts'
import { countOf, type Filled, fill, READS, WRITES } from './workloads.ts'

/** How long one side of a round goes on with one workload; at least two requests. */
const ROUND_MS = 500
const LEAST_REQUESTS = 2

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    starts: { type: 'string', default: '3' },
    python: { type: 'string' },
    alone: { type: 'boolean', default: false },
  },
})

/** Milliseconds of one request (or start) on each side, one per round. */
interface Timing {
  readonly ours: number[]
  readonly theirs: number[]
}

const workspace = mkdtempSync(join(tmpdir(), 'bench-tracking-'))
const servers: Server[] = []
try {
  const starters = [
    builtTickerflow(),
    ...(options.alone ? [] : [mlflowServer(options.python)]),
  ] as const
  const timings = new Map<string, Timing>([['start', await timeStarts(starters)]])
  say('Filling')
  const sides = await Promise.all(starters.map(filled))
  const [ours, theirs] = sides
  if (ours === undefined) throw new RangeError('No server was started.')
  if (theirs !== undefined) await assertSameAnswers(ours, theirs)
  const written = await timeRequests(sides, timings)
  await Promise.all(sides.map((side) => assertAllThere(side, written.get(side) ?? new Map())))
  print(timings)
  for (const { client } of sides) client.close()
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5 })
}

async function timeStarts(starters: readonly StartServer[]): Promise<Timing> {
  const timing: Timing = { ours: [], theirs: [] }
  for (let round = 0; round < Number(options.starts); round++) {
    say(`Start ${round + 1}`)
    for (const index of alternating(starters, round)) {
      const server = await starters[index]?.(newDirectory())
      if (server === undefined) continue
      sideOf(timing, index).push(server.startMs)
      await server.stop()
    }
  }
  return timing
}

async function filled(start: StartServer): Promise<Filled> {
  const server = await start(newDirectory())
  servers.push(server)
  return fill(createHttpClient(server.uri))
}

/** @returns How often each workload wrote, by side and workload. */
async function timeRequests(sides: readonly Filled[], timings: Map<string, Timing>) {
  const written = new Map(sides.map((side) => [side, new Map<string, number>()]))
  const rounds = Number(options.rounds)
  /** The first round warms both up and is not counted. */
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'Warm-up' : `Round ${round} of ${rounds}`)
    for (const [name, request] of Object.entries({ ...WRITES, ...READS })) {
      const timing = timings.get(name) ?? { ours: [], theirs: [] }
      timings.set(name, timing)
      for (const index of alternating(sides, round)) {
        const side = sides[index] as Filled
        const counts = written.get(side) ?? new Map<string, number>()
        const ms = await timed(async () => {
          const count = counts.get(name) ?? 0
          counts.set(name, count + 1)
          await request(side, count)
        })
        if (round > 0) sideOf(timing, index).push(ms)
      }
    }
  }
  return written
}

async function timed(request: () => Promise<void>): Promise<number> {
  const from = performance.now()
  let requests = 0
  do {
    await request()
    requests++
  } while (requests < LEAST_REQUESTS || performance.now() - from < ROUND_MS)
  return (performance.now() - from) / requests
}

/** What was acknowledged has to be there. */
async function assertAllThere(side: Filled, counts: ReadonlyMap<string, number>): Promise<void> {
  const expected = [
    ['thousands', 1000 * (counts.get('logBatchOf1000') ?? 0)],
    ['ones', counts.get('logBatchOf1') ?? 0],
    ['single', counts.get('logMetric') ?? 0],
  ] as const
  for (const [key, count] of expected) {
    const found = await countOf(side, key)
    if (found !== count) throw new Error(`${found} points of ${key} are there, not ${count}.`)
  }
}

function* alternating(sides: readonly unknown[], round: number): Generator<number> {
  const order = [...sides.keys()]
  yield* round % 2 === 0 ? order : order.toReversed()
}

function sideOf(timing: Timing, index: number): number[] {
  return index === 0 ? timing.ours : timing.theirs
}

function newDirectory(): string {
  return mkdtempSync(join(workspace, 'store-'))
}

function print(timings: ReadonlyMap<string, Timing>): void {
  const figures = Object.fromEntries(
    [...timings].map(([name, { ours, theirs }]) => {
      const ratios = theirs.map((ms, round) => ms / (ours[round] ?? Number.NaN))
      return [name, { ms: figure(ours), mlflowMs: figure(theirs), timesAsFast: figure(ratios) }]
    }),
  )
  if (options.json) {
    console.log(JSON.stringify({ ...machine(), figures }, undefined, 2))
    return
  }
  const { cpu, cores, node } = machine()
  console.log(`Node ${node}, ${cores} cores, ${cpu}; milliseconds, and least to most of the rounds`)
  for (const [name, { ms, mlflowMs, timesAsFast }] of Object.entries(figures)) {
    const beside =
      mlflowMs === null || timesAsFast === null
        ? ''
        : `  MLflow ${spoken(mlflowMs)}  ${spoken(timesAsFast)} times as fast`
    console.log(`${name.padEnd(15)} ${spoken(ms)}${beside}`)
  }
}

interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

function figure(values: readonly number[]): Figure | null {
  if (values.length === 0) return null
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

function spoken(one: Figure | null): string {
  if (one === null) return '-'
  const short = (value: number) => String(Number(value.toPrecision(3)))
  return `${short(one.median)} (${short(one.least)} to ${short(one.most)})`
}

function say(line: string): void {
  console.error(line)
}
