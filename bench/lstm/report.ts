/** The benchmark's report as a table for people. */
export interface WorkloadTiming {
  readonly msPerStep: number
  readonly samplesPerSecond: number
  readonly gflops: number
  /** Our time by PyTorch's with one thread; null without the peer. */
  readonly ratioVsPyTorch1: number | null
  /** Our time by PyTorch's best with any number of threads. */
  readonly ratioVsPyTorchAll: number | null
  /** Least and most of `ratioVsPyTorch1` over the rounds. */
  readonly ratioRange: readonly [number, number] | null
  /** TensorFlow.js' time by ours; null without that peer. */
  readonly speedupVsTfjs: number | null
}

export interface EnsembleTiming {
  readonly models: number
  readonly threads: number
  /** One step of every model. */
  readonly msPerStepOfAll: number
  readonly samplesPerSecond: number
  /** Our time by that of PyTorch taking one model after the other, with its best number of threads. */
  readonly ratioVsPyTorchBest: number | null
}

export interface InferenceTiming {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly pytorchP50Ms: number | null
}

export interface Report {
  readonly workloads: Readonly<Record<string, WorkloadTiming>>
  readonly ensemble: EnsembleTiming
  readonly inference: InferenceTiming
  readonly binary: string
  readonly binaryDigest: string | null
  readonly wideVectors: boolean
  readonly pytorch: string | null
  readonly tfjs: string | null
  readonly node: string
  readonly cpu: string
}

export function printReport(report: Report): void {
  const { workloads, ensemble, inference } = report
  const vectors = report.wideVectors ? 'joined vectors' : 'plain vectors'
  console.log(`${report.binary}, ${vectors}, on Node ${report.node}, ${report.cpu}`)
  for (const [name, timing] of Object.entries(workloads)) console.log(`${name}  ${line(timing)}`)
  const { models, threads, msPerStepOfAll, ratioVsPyTorchBest } = ensemble
  console.log(
    `ensemble of ${models} on ${threads} threads  ${msPerStepOfAll.toFixed(2)} ms per step of all` +
      share(ratioVsPyTorchBest, "of PyTorch's best"),
  )
  const { p50Ms, p99Ms, pytorchP50Ms } = inference
  console.log(
    `inference of one window  p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms` +
      (pytorchP50Ms === null ? '' : `, PyTorch ${pytorchP50Ms.toFixed(3)} ms`),
  )
}

function line(timing: WorkloadTiming): string {
  const { msPerStep, samplesPerSecond, gflops, ratioRange, speedupVsTfjs } = timing
  const range = ratioRange ? ` (${ratioRange.map((ratio) => ratio.toFixed(2)).join(' to ')})` : ''
  return (
    `${msPerStep.toFixed(2)} ms/step  ${samplesPerSecond.toFixed(0)} windows/s  ` +
    `${gflops.toFixed(0)} GFLOP/s${share(timing.ratioVsPyTorch1, 'of PyTorch on one thread')}${range}` +
    share(timing.ratioVsPyTorchAll, 'on its best') +
    (speedupVsTfjs === null ? '' : `, ${speedupVsTfjs.toFixed(0)} times TensorFlow.js`)
  )
}

function share(ratio: number | null, of: string): string {
  return ratio === null ? '' : `, ${ratio.toFixed(2)} ${of}`
}
