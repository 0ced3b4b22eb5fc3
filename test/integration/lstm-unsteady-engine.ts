/** An engine for tests: dawdles at random in every pass, so that threads finish in any order. */
import { randomInt } from 'node:crypto'
import type { LstmEngine } from '../../src/lstm/engine.ts'
import { selectEngine } from '../../src/lstm/engines.ts'

const NEVER = new Int32Array(new SharedArrayBuffer(4))

export function createEngine(): LstmEngine {
  const engine = selectEngine('wasm-simd')
  return {
    ...engine,
    createNetwork(architecture) {
      const network = engine.createNetwork(architecture)
      const forward = network.forward.bind(network)
      network.forward = (...windows) => {
        Atomics.wait(NEVER, 0, 0, randomInt(4))
        forward(...windows)
      }
      return network
    },
  }
}
