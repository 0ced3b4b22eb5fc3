/** What the machine is doing while a run lasts, as metrics under MLflow's own names. */
import type { Metric, Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'

/** A look at the machine; `undefined` where there is nothing to compare with yet. */
export interface SystemSample {
  /** Of all cores together, since the sample before; 0 to 100. */
  readonly cpuPercent: number | undefined
  readonly memoryUsedMegabytes: number
  readonly memoryUsedPercent: number
  /** Of this process: what it holds in physical memory. */
  readonly processMegabytes: number
}

/** Takes one sample; whoever makes it keeps what the next one is compared with. */
export type SystemSampler = () => SystemSample

const INTERVAL_MS = 5000

/**
 * Runs `work` and logs a sample before it, every few seconds during it, and after it. The timer
 * never holds the process open, and a store that refuses a sample does not end the work: what it
 * has against samples it will have against results.
 */
export async function withSystemMetrics<T>(
  app: Application,
  run: Run,
  work: () => Promise<T>,
): Promise<T> {
  const sample = app.createSampler()
  let step = 0
  let logged = Promise.resolve()
  const log = () => {
    const metrics = metricsOf(sample(), { timestampMs: app.clock(), step: step++ })
    logged = logged.then(() => app.tracking.logBatch(run.id, { metrics })).catch(() => {})
  }
  log()
  const timer = setInterval(log, INTERVAL_MS)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    log()
    await logged
  }
}

function metricsOf(sample: SystemSample, at: Pick<Metric, 'timestampMs' | 'step'>): Metric[] {
  const values = {
    'system/cpu_utilization_percentage': sample.cpuPercent,
    'system/system_memory_usage_megabytes': sample.memoryUsedMegabytes,
    'system/system_memory_usage_percentage': sample.memoryUsedPercent,
    'system/process_memory_usage_megabytes': sample.processMegabytes,
  }
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value, ...at }],
  )
}
