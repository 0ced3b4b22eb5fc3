/** Several models trained side by side, one thread per core. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EngineName } from '../../src/lstm/engines.ts'
import type { Workload } from './workloads.ts'

export interface Ensemble {
  /** Milliseconds for one step of every model. */
  msPerRound(steps: number): Promise<number>
  close(): Promise<void>
}

export interface EnsembleRequest {
  readonly models: number
  readonly threads: number
  readonly engine: EngineName
  readonly wideVectors: boolean
}

export function startEnsemble(
  workload: Workload,
  { models, threads, engine, wideVectors }: EnsembleRequest,
): Ensemble {
  const workers = Array.from({ length: threads }, (_, index) => {
    const share = Math.floor((models + index) / threads)
    const workerData = { workload, models: share, engine, wideVectors }
    return new Worker(new URL('ensemble-worker.ts', import.meta.url), { workerData })
  })
  return {
    async msPerRound(steps) {
      const start = performance.now()
      const answers = workers.map((worker) => once(worker, 'message'))
      for (const worker of workers) worker.postMessage(steps)
      await Promise.all(answers)
      return (performance.now() - start) / steps
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
