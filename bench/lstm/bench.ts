/**
 * Times the LSTM engine: training on four workloads, an ensemble, and one window's inference.
 *
 *   node bench/lstm/bench.ts [--json] [--engine auto] [--rounds 7]
 *                            [--peer pytorch [--python PATH]]
 *
 * With a peer the same work runs side by side: rounds alternate in order, and a ratio is the median
 * over the rounds of our time by the peer's. PyTorch counts with the faster of oneDNN on and off.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { trainingFlopsPerWindow } from '../../src/lstm/architecture.ts'
import type { LstmEngine } from '../../src/lstm/engine.ts'
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { type Ensemble, startEnsemble } from './ensemble.ts'
import { type PytorchPeer, startPytorch } from './pytorch-peer.ts'
import { verifyEngine } from './verify.ts'
import {
  median,
  prepareWorkload,
  quantile,
  timeSteps,
  WORKLOADS,
  type Workload,
} from './workloads.ts'

const ENSEMBLE_MODELS = 8
const INFERENCES = 5000
/** Long enough for the JavaScript engine's last tier. */
const WARM_UP_MS = 1500
const ROUND_MS = 200

interface Timing {
  readonly msPerStep: number
  readonly samplesPerSecond: number
  readonly gflops: number
  /** Our time by PyTorch's with one thread; null without the peer. */
  readonly ratioVsPyTorch1: number | null
  /** Our time by PyTorch's best with any number of threads. */
  readonly ratioVsPyTorchAll: number | null
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '7' },
    peer: { type: 'string' },
    python: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const threads = availableParallelism()
const engineName = options.engine as EngineName

function warmUp(action: () => unknown): void {
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) action()
}

function stepsPerRound(msPerStep: number): number {
  return Math.max(3, Math.ceil(ROUND_MS / msPerStep))
}

/** Ours and the peer's milliseconds per step, one pair per round, first one first and then the other. */
async function pairedRounds(
  ours: () => Promise<number> | number,
  theirs: (() => Promise<number>)[],
): Promise<{ ours: number[]; theirs: number[][] }> {
  const result = { ours: [] as number[], theirs: theirs.map(() => [] as number[]) }
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) result.ours.push(await ours())
    for (const [index, ask] of theirs.entries()) result.theirs[index]?.push(await ask())
    if (round % 2 === 1) result.ours.push(await ours())
  }
  return result
}

/** One way of running PyTorch per entry: oneDNN on or off, on so many threads. */
function pytorchWays(peer: PytorchPeer | undefined, workload: Workload, threadCounts: number[]) {
  if (!peer) return []
  return threadCounts.flatMap((count) =>
    [true, false].map((oneDnn) => async () => {
      const request = { workload, threads: count, oneDnn, milliseconds: ROUND_MS }
      return median(await peer.time({ do: 'train', ...request }))
    }),
  )
}

/** Median over the rounds of our time by the fastest of theirs. */
function ratioToBest(ours: readonly number[], theirs: readonly number[][]): number | null {
  if (theirs.length === 0) return null
  const best = theirs.reduce((least, ms) => (median(ms) < median(least) ? ms : least))
  return median(ours.map((ms, round) => ms / (best[round] ?? NaN)))
}

async function timeTraining(
  workload: Workload,
  engine: LstmEngine,
  peer: PytorchPeer | undefined,
): Promise<Timing> {
  const { trainStep } = prepareWorkload(workload, engine)
  warmUp(trainStep)
  const steps = stepsPerRound(median(timeSteps(trainStep, 5)))
  const single = pytorchWays(peer, workload, [1])
  const multiple = threads > 1 ? pytorchWays(peer, workload, [threads]) : []
  const { ours, theirs } = await pairedRounds(
    () => median(timeSteps(trainStep, steps)),
    [...single, ...multiple],
  )
  const msPerStep = median(ours)
  return {
    msPerStep,
    samplesPerSecond: (workload.batch / msPerStep) * 1000,
    gflops: (workload.batch * trainingFlopsPerWindow(workload)) / msPerStep / 1e6,
    ratioVsPyTorch1: ratioToBest(ours, theirs.slice(0, single.length)),
    ratioVsPyTorchAll: ratioToBest(ours, theirs),
  }
}

async function timeEnsemble(workload: Workload, peer: PytorchPeer | undefined) {
  const models = ENSEMBLE_MODELS
  const ensemble: Ensemble = startEnsemble(workload, { models, threads, engine: engineName })
  await ensemble.msPerRound(200)
  const ways = pytorchWays(peer, workload, [...new Set([1, threads])])
  const { ours, theirs } = await pairedRounds(() => ensemble.msPerRound(40), ways)
  await ensemble.close()
  const msPerStepOfAll = median(ours)
  const ratio = ratioToBest(ours, theirs)
  return {
    models,
    threads,
    msPerStepOfAll,
    samplesPerSecond: ((models * workload.batch) / msPerStepOfAll) * 1000,
    ratioVsPyTorchBest: ratio === null ? null : ratio / models,
  }
}

async function timeInference(
  workload: Workload,
  engine: LstmEngine,
  peer: PytorchPeer | undefined,
) {
  const { network } = prepareWorkload(workload, engine)
  const outputs = new Float64Array(workload.outputSize)
  const infer = () => network.infer(workload.windowLength, outputs)
  warmUp(infer)
  const ms = timeSteps(infer, INFERENCES)
  const request = { workload, threads: 1, milliseconds: ROUND_MS }
  const peerMs = peer
    ? Math.min(
        median(await peer.time({ do: 'infer', oneDnn: true, ...request })),
        median(await peer.time({ do: 'infer', oneDnn: false, ...request })),
      )
    : null
  return { p50Ms: median(ms), p99Ms: quantile(ms, 0.99), pytorchP50Ms: peerMs }
}

function printTable(report: Awaited<ReturnType<typeof run>>): void {
  const { workloads, ensemble, inference } = report
  console.log(`${report.binary} on Node ${report.node}, ${report.cpu}`)
  const show = (ratio: number | null) => (ratio === null ? '' : ratio.toFixed(2))
  for (const [name, timing] of Object.entries(workloads)) {
    const { msPerStep, samplesPerSecond, gflops, ratioVsPyTorch1, ratioVsPyTorchAll } = timing
    console.log(
      `${name}  ${msPerStep.toFixed(2)} ms/step  ${samplesPerSecond.toFixed(0)} windows/s  ` +
        `${gflops.toFixed(1)} GFLOP/s  ${show(ratioVsPyTorch1)} ${show(ratioVsPyTorchAll)}`,
    )
  }
  console.log(
    `ensemble of ${ensemble.models} on ${ensemble.threads} threads  ` +
      `${ensemble.msPerStepOfAll.toFixed(2)} ms per step of all  ${show(ensemble.ratioVsPyTorchBest)}`,
  )
  console.log(
    `inference  p50 ${inference.p50Ms.toFixed(4)} ms  p99 ${inference.p99Ms.toFixed(4)} ms`,
  )
}

async function run() {
  const engine = selectEngine(engineName)
  for (const workload of WORKLOADS) verifyEngine(workload, engine)
  const peer = options.peer === 'pytorch' ? await startPytorch(options.python) : undefined
  const workloads: Record<string, Timing> = {}
  for (const workload of WORKLOADS) {
    workloads[workload.name] = await timeTraining(workload, engine, peer)
  }
  const [first, , , last] = WORKLOADS as [Workload, Workload, Workload, Workload]
  const ensemble = await timeEnsemble(last, peer)
  const inference = await timeInference(first, engine, peer)
  peer?.close()
  return {
    workloads,
    ensemble,
    inference,
    binary: engine.name,
    binaryDigest: engine.binaryDigest ?? null,
    pytorch: peer?.version ?? null,
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
  }
}

const report = await run()
if (options.json) console.log(JSON.stringify(report))
else printTable(report)
