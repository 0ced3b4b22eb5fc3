/**
 * A universe at scale: writing it as Parquet, its features, its batch forecast.
 *
 *   node bench/panel/bench.ts [--json] [--symbols 5000] [--sessions 2500] [--rounds 3]
 *
 * The prices are simulated, part by part. Writing is timed without their simulation; features from the
 * columns in memory to columns in memory, beside DuckDB's window functions, which compute four of the
 * fifteen; the forecast from the Parquet files to a forecast of every symbol. Before anything is timed
 * a symbol's features must equal those of the one-symbol program to the bit, and DuckDB's to 1e-9.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { frameColumn } from '../../src/features/feature-frame.ts'
import { allocateFeatures, type PanelFeatures } from '../../src/features/panel-features.ts'
import { type PanelPrices, seriesAt } from '../../src/market/panel/panel-prices.ts'
import {
  createUniverseStore,
  type UniverseSnapshot,
  type UniverseStore,
} from '../../src/market/panel/universe-store.ts'
import { forecastUniverse } from '../../src/pipeline/universe/forecast-universe.ts'
import { createUniversePool, type UniversePool } from '../../src/pipeline/universe/universe-pool.ts'
import { machine, median, report } from '../measure.ts'
import { emptyUniverse, simulateParts } from './simulated-panel.ts'

/** Twelve of the network's and three more. */
const FEATURES = [
  ...['scaledReturn', 'absoluteScaledReturn', 'leverage'],
  ...['rangeRatio1', 'rangeRatio5', 'rangeRatio22'],
  ...['overnightReturn', 'volumeSurprise', 'momentum5', 'momentum20', 'volatilityTrend'],
  ...['ewmaVolatility', 'logReturn', 'logRangeVariance5', 'logRangeVariance22'],
]

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    symbols: { type: 'string', default: '5000' },
    sessions: { type: 'string', default: '2500' },
    rounds: { type: 'string', default: '3' },
  },
})
const universe = {
  symbols: Number(options.symbols),
  sessions: Number(options.sessions),
  symbolsPerPart: 250,
}
const threads = availableParallelism()
const directory = mkdtempSync(join(tmpdir(), 'bench-panel-'))

try {
  const store = createUniverseStore({
    directory: join(directory, 'universes'),
    temporaryDirectory: join(directory, 'tmp'),
    clock: () => Date.now(),
    memoryMegabytes: 256,
  })
  const written = await write(store)
  const { snapshot } = written
  const rounds = Array.from({ length: Number(options.rounds) })
  const forecastRounds: number[] = []
  await withPool(async (pool) => {
    for (const _ of rounds) forecastRounds.push(await timeForecast(pool, store, snapshot))
  })
  const out = allocateFeatures(FEATURES, snapshot.rows)
  const featuresRounds: number[] = []
  const duckdbRounds: number[] = []
  await withPool(async (pool) => {
    for (const _ of rounds) {
      const peer = runPeer(snapshot, written.panel.symbols[0] as string)
      duckdbRounds.push(peer.seconds)
      featuresRounds.push(await timeFeatures(pool, { panel: written.panel, out, peer: peer.last }))
    }
  })
  report({
    name: 'panel',
    symbols: universe.symbols,
    bars: snapshot.rows,
    threads,
    features: FEATURES.length,
    featuresSeconds: median(featuresRounds),
    duckdbSeconds: median(duckdbRounds),
    writeSeconds: written.seconds,
    forecastSeconds: median(forecastRounds),
    bytes: snapshot.parts.reduce((total, { bytes }) => total + bytes, 0),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    featuresRounds,
    duckdbRounds,
    forecastRounds,
    ...machine(),
  })
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** Writes the universe as it is simulated; the time of the simulation does not count. */
async function write(store: UniverseStore) {
  const panel = emptyUniverse(universe)
  let simulatingMs = 0
  const parts = async function* () {
    const simulated = simulateParts(panel, universe)
    for (;;) {
      const startMs = performance.now()
      const { value: part, done } = simulated.next()
      simulatingMs += performance.now() - startMs
      if (done || part === undefined) return
      yield part
    }
  }
  const startMs = performance.now()
  const snapshot = await store.save({ name: 'bench', source: 'simulated' }, parts())
  const seconds = (performance.now() - startMs - simulatingMs) / 1000
  return { snapshot, seconds, panel }
}

/** Threads of their own for each kind of work, as each is a command of its own. */
async function withPool(work: (pool: UniversePool) => Promise<void>): Promise<void> {
  const pool = createUniversePool(threads)
  try {
    await work(pool)
  } finally {
    await pool.close()
  }
}

async function timeForecast(
  pool: UniversePool,
  store: UniverseStore,
  snapshot: UniverseSnapshot,
): Promise<number> {
  const temporaryDirectory = join(directory, 'tmp')
  const startMs = performance.now()
  const { forecasts } = await forecastUniverse({
    ...{ store, pool, snapshot, seed: 7 },
    database: { memoryMegabytes: 256, threads: 1, temporaryDirectory },
    model: { kind: 'fit-each', spec: { name: 'ewma' }, horizon: 1 },
  })
  const seconds = (performance.now() - startMs) / 1000
  if (forecasts.length === snapshot.symbols) return seconds
  throw new Error(`${forecasts.length} forecasts of ${snapshot.symbols} symbols`)
}

interface FeaturesRound {
  readonly panel: PanelPrices
  readonly out: PanelFeatures
  /** DuckDB's values of a symbol's last row. */
  readonly peer: Readonly<Record<string, number>>
}

async function timeFeatures(pool: UniversePool, { panel, out, peer }: FeaturesRound) {
  const startMs = performance.now()
  await pool.computeFeatures(panel, out)
  const seconds = (performance.now() - startMs) / 1000
  for (const index of [0, panel.symbols.length - 1]) verify(panel, out, index)
  verifyPeer(panel, peer)
  return seconds
}

function verify(panel: PanelPrices, out: PanelFeatures, index: number): void {
  const series = seriesAt(panel, index)
  const frame = buildFeatureFrame(series)
  const from = panel.offset[index] as number
  for (const [at, name] of out.names.entries()) {
    const expected = Float32Array.from(frameColumn(frame, name))
    const received = out.columns[at]?.subarray(from, from + expected.length)
    if (!received || expected.some((value, t) => !Object.is(value, received[t]))) {
      throw new Error(`${name} of ${series.symbol} is not what the one-symbol program computes`)
    }
  }
}

function verifyPeer(panel: PanelPrices, peer: Readonly<Record<string, number>>): void {
  const frame = buildFeatureFrame(seriesAt(panel, 0))
  for (const [name, value] of Object.entries(peer)) {
    const own = frameColumn(frame, name).at(-1) as number
    if (!(Math.abs(own - value) < 1e-9)) throw new Error(`${name}: ${own}, DuckDB says ${value}`)
  }
}

function runPeer({ name, digest }: UniverseSnapshot, check: string) {
  const files = join(directory, 'universes', name, digest, 'part-*.parquet')
  const script = join(import.meta.dirname, 'duckdb-features.ts')
  const args = ['--files', files, '--threads', String(threads), '--check', check]
  const output = execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  return JSON.parse(output) as { seconds: number; last: Record<string, number> }
}
