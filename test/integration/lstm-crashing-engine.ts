/** Engines for tests: each ends its thread, or throws, some passes after the training began. */
import { threadId, workerData } from 'node:worker_threads'
import type { LstmEngine } from '../../src/lstm/engine.ts'
import { selectEngine } from '../../src/lstm/engines.ts'

/** The query says who fails and how: `?role=helper&how=exit`. */
const { searchParams } = new URL(import.meta.url)

function fail(): void {
  if (searchParams.get('how') === 'exit') process.exit(7)
  throw new Error(`out of luck in thread ${threadId}`)
}

export function createEngine(): LstmEngine {
  const engine = selectEngine('wasm-simd')
  return {
    ...engine,
    createNetwork(architecture) {
      const network = engine.createNetwork(architecture)
      const forward = network.forward.bind(network)
      let passes = 0
      network.forward = (...windows) => {
        if (workerData?.role === searchParams.get('role') && ++passes > 3) fail()
        forward(...windows)
      }
      return network
    },
  }
}
