/**
 * Times the LSTM engine: training on four workloads, an ensemble, and one window's inference.
 *
 *   node bench/lstm/bench.ts [--json] [--engine auto] [--no-wide-vectors] [--rounds 9]
 *                            [--peer pytorch [--python PATH] [--vectors-of-256-bits]] [--peer tfjs]
 *
 * Loss and gradients are held against the plain reference before anything is timed. A step is the
 * whole of it on every side: forward, loss, backward, clipping, AdamW. With a peer the same work runs
 * side by side: rounds alternate in order, and a ratio is the median over the rounds of our time by
 * the peer's. PyTorch counts with the faster of oneDNN on and off; `--vectors-of-256-bits` keeps it from
 * wider ones, which WebAssembly has no way to.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { trainingFlopsPerWindow } from '../../src/lstm/architecture.ts'
import { ENGINE_NAMES, selectEngine } from '../../src/lstm/engines.ts'
import { startEnsemble } from './ensemble.ts'
import { type Peer, type PeerRequest, startPytorch, startTfjs } from './peers.ts'
import {
  type EnsembleTiming,
  type InferenceTiming,
  printReport,
  type Report,
  type WorkloadTiming,
} from './report.ts'
import { pairedRounds, pytorchWays, ROUND_MS, ratioToBest } from './rounds.ts'
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
/** TensorFlow.js takes from a tenth of a second to seconds per step. */
const TFJS_ROUNDS = 3

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'auto' },
    'no-wide-vectors': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    peer: { type: 'string', multiple: true, default: [] },
    python: { type: 'string' },
    'vectors-of-256-bits': { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const threads = availableParallelism()
const wideVectors = !options['no-wide-vectors']
const pytorchOptions = {
  python: options.python,
  vectorsOf256Bits: options['vectors-of-256-bits'],
}
const engineName = ENGINE_NAMES.find((name) => name === options.engine) ?? refuse('engine')
if (!options.peer.every((peer) => peer === 'pytorch' || peer === 'tfjs')) refuse('peer')
const engine = selectEngine(engineName, { wideVectors })

function refuse(option: 'engine' | 'peer'): never {
  const known = option === 'engine' ? ENGINE_NAMES.join(', ') : 'pytorch, tfjs'
  console.error(`--${option} ${options[option]}: known are ${known}`)
  process.exit(2)
}

function warmUp(action: () => unknown): void {
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) action()
}

function progress(what: string): void {
  console.error(`bench:lstm  ${what}`)
}

interface Peers {
  readonly pytorch: Peer | undefined
  readonly tfjs: Peer | undefined
}

async function timeTraining(workload: Workload, peers: Peers): Promise<WorkloadTiming> {
  const { trainStep } = prepareWorkload(workload, engine)
  warmUp(trainStep)
  const steps = Math.max(3, Math.ceil(ROUND_MS / median(timeSteps(trainStep, 5))))
  const ourRound = () => median(timeSteps(trainStep, steps))
  const single = pytorchWays(peers.pytorch, workload, [1])
  const multiple = threads > 1 ? pytorchWays(peers.pytorch, workload, [threads]) : []
  const { ours, theirs } = await pairedRounds(rounds, ourRound, [...single, ...multiple])
  const one = ratioToBest(ours, theirs.slice(0, single.length))
  const msPerStep = median(ours)
  return {
    msPerStep,
    samplesPerSecond: (workload.batch / msPerStep) * 1000,
    gflops: (workload.batch * trainingFlopsPerWindow(workload)) / msPerStep / 1e6,
    ratioVsPyTorch1: one?.median ?? null,
    ratioVsPyTorchAll: ratioToBest(ours, theirs)?.median ?? null,
    ratioRange: one && [one.least, one.most],
    speedupVsTfjs: await speedupVsTfjs(workload, ourRound, peers.tfjs),
  }
}

async function speedupVsTfjs(workload: Workload, ourRound: () => number, tfjs: Peer | undefined) {
  if (!tfjs) return null
  const request = { workload, threads: 1, oneDnn: false, milliseconds: ROUND_MS }
  const ask = async () => median(await tfjs.time({ do: 'train', ...request }))
  const { ours, theirs } = await pairedRounds(TFJS_ROUNDS, ourRound, [ask])
  const ratio = ratioToBest(ours, theirs)
  return ratio && 1 / ratio.median
}

async function timeEnsemble(
  workload: Workload,
  pytorch: Peer | undefined,
): Promise<EnsembleTiming> {
  const models = ENSEMBLE_MODELS
  const request = { models, threads, engine: engineName, wideVectors }
  const ensemble = startEnsemble(workload, request)
  await ensemble.msPerRound(200)
  const ways = pytorchWays(pytorch, workload, [...new Set([1, threads])])
  const { ours, theirs } = await pairedRounds(rounds, () => ensemble.msPerRound(40), ways)
  await ensemble.close()
  const msPerStepOfAll = median(ours)
  const ratio = ratioToBest(ours, theirs)
  return {
    models,
    threads,
    msPerStepOfAll,
    samplesPerSecond: ((models * workload.batch) / msPerStepOfAll) * 1000,
    ratioVsPyTorchBest: ratio && ratio.median / models,
  }
}

async function timeInference(
  workload: Workload,
  pytorch: Peer | undefined,
): Promise<InferenceTiming> {
  const { network } = prepareWorkload(workload, engine)
  const outputs = new Float64Array(workload.outputSize)
  const infer = () => network.infer(workload.windowLength, outputs)
  warmUp(infer)
  const ms = timeSteps(infer, INFERENCES)
  const times: number[] = []
  for (const oneDnn of pytorch ? [true, false] : []) {
    const request: PeerRequest = {
      ...{ do: 'infer', workload, threads: 1, oneDnn },
      milliseconds: ROUND_MS,
    }
    times.push(median((await pytorch?.time(request)) ?? []))
  }
  const pytorchP50Ms = times.length > 0 ? Math.min(...times) : null
  return { p50Ms: median(ms), p99Ms: quantile(ms, 0.99), pytorchP50Ms }
}

async function startPeers(): Promise<Peers> {
  const wants = (name: string) => options.peer.includes(name)
  return {
    pytorch: wants('pytorch') ? await startPytorch(pytorchOptions) : undefined,
    tfjs: wants('tfjs') ? await startTfjs() : undefined,
  }
}

async function run(): Promise<Report> {
  progress(`verifying ${engine.name} against the reference`)
  for (const workload of WORKLOADS) verifyEngine(workload, engine)
  const peers = await startPeers()
  const workloads: Record<string, WorkloadTiming> = {}
  for (const workload of WORKLOADS) {
    progress(`training on ${workload.name}, ${rounds} rounds`)
    workloads[workload.name] = await timeTraining(workload, peers)
  }
  const [first, , , last] = WORKLOADS as [Workload, Workload, Workload, Workload]
  progress(`ensemble of ${ENSEMBLE_MODELS} models of ${last.name}`)
  const ensemble = await timeEnsemble(last, peers.pytorch)
  progress('inference of one window')
  const inference = await timeInference(first, peers.pytorch)
  const { pytorch, tfjs } = peers
  for (const peer of [pytorch, tfjs]) peer?.close()
  return {
    workloads,
    ensemble,
    inference,
    binary: engine.name,
    binaryDigest: engine.binaryDigest ?? null,
    wideVectors,
    pytorch: pytorch?.version ?? null,
    tfjs: tfjs?.version ?? null,
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
  }
}

const report = await run()
if (options.json) console.log(JSON.stringify(report))
else printReport(report)
