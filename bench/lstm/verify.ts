/** Holds an engine against the plain reference before anything is timed. */
import type { LstmEngine } from '../../src/lstm/engine.ts'
import { parameterCount } from '../../src/lstm/parameters.ts'
import { referenceEngine } from '../../src/lstm/reference-engine.ts'
import { prepareWorkload, type Workload } from './workloads.ts'

/** Largest difference of a gradient, as a share of the largest gradient. */
const TOLERANCE = 1e-5

/** @throws {Error} When loss or gradients of the workload differ from the reference's. */
export function verifyEngine(workload: Workload, engine: LstmEngine): void {
  const [expected, received] = [referenceEngine, engine].map((which) => {
    const { network, lossAndGradients } = prepareWorkload(workload, which)
    const loss = lossAndGradients()
    const gradients = new Float64Array(parameterCount(workload))
    network.readGradients(gradients)
    return { loss, gradients }
  })
  if (!expected || !received) return
  const largest = Math.max(...expected.gradients.map(Math.abs))
  const worst = Math.max(
    ...expected.gradients.map((value, i) => Math.abs(value - (received.gradients[i] ?? NaN))),
  )
  const lossError = Math.abs(received.loss - expected.loss)
  if (worst <= TOLERANCE * largest && lossError <= TOLERANCE) return
  throw new Error(
    `${engine.name} disagrees with the reference on ${workload.name}: loss by ${lossError}, ` +
      `gradients by ${worst / largest} of the largest; nothing was timed`,
  )
}
