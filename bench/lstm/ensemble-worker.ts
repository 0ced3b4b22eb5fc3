/** A thread of the ensemble benchmark: trains its share of the models for some steps when told. */
import { parentPort, workerData } from 'node:worker_threads'
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { prepareWorkload, type Workload } from './workloads.ts'

const { workload, models, engine, wideVectors } = workerData as {
  workload: Workload
  models: number
  engine: EngineName
  wideVectors: boolean
}

const prepared = Array.from({ length: models }, () =>
  prepareWorkload(workload, selectEngine(engine, { wideVectors })),
)

parentPort?.on('message', (steps: number) => {
  for (const model of prepared) for (let step = 0; step < steps; step++) model.trainStep()
  parentPort?.postMessage('done')
})
