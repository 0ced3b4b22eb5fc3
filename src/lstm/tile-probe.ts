/** Finds out by a stopwatch which tiles run faster here; the answer changes times and never bits. */
import type { LstmNetwork } from './engine.ts'
import { createWasmEngine } from './wasm-engine.ts'
import type { KernelBinary } from './wasm-kernels.ts'

/**
 * By then the JavaScript engine's last tier has taken over, on a small network of whole tiles. Counted
 * in trials and not in time, so that a busy machine gets as many.
 */
const TRIALS = 60
/** Wide tiles have won when they were faster in so many trials in a row. */
const WINS = 4
const TURNS_PER_TRIAL = 8
const WINDOWS = 32
const ARCHITECTURE = { inputSize: 8, hiddenSizes: [32], outputSize: 1, windowLength: 8 }

const known = new Map<KernelBinary, boolean>()

/**
 * Whether tiles twice as wide are faster, which they are only where vectors are really joined: an
 * older processor, or another release of V8, may take the flag and do nothing.
 *
 * Costs 10 to 30 ms once per thread and binary, and some 150 ms where the answer is no. Call it after
 * `enableWideVectors`.
 */
export function wideTilesPay(binary: KernelBinary): boolean {
  const answer = known.get(binary) ?? probe(binary)
  known.set(binary, answer)
  return answer
}

function probe(binary: KernelBinary): boolean {
  const narrow = stopwatch(
    createWasmEngine(binary, { wideTiles: false }).createNetwork(ARCHITECTURE),
  )
  const wide = stopwatch(createWasmEngine(binary, { wideTiles: true }).createNetwork(ARCHITECTURE))
  let wins = 0
  for (let count = 0; count < TRIALS && wins < WINS; count++) {
    wins = trial(narrow, wide) < 1 ? wins + 1 : 0
  }
  return wins === WINS
}

/** The wide tiles' shortest time by the narrow ones', taking turns. */
function trial(narrow: () => number, wide: () => number): number {
  let narrowMs = Infinity
  let wideMs = Infinity
  for (let turn = 0; turn < TURNS_PER_TRIAL; turn++) {
    narrowMs = Math.min(narrowMs, narrow())
    wideMs = Math.min(wideMs, wide())
  }
  return wideMs / narrowMs
}

/** Milliseconds of a pass forward and back. */
function stopwatch(network: LstmNetwork): () => number {
  const { inputSize: width, windowLength } = ARCHITECTURE
  const rows = windowLength + WINDOWS
  network.bindRows({ values: new Float32Array(rows * width).fill(0.5), width })
  const ends = Int32Array.from({ length: WINDOWS }, (_, window) => windowLength + window)
  const outputs = new Float64Array(WINDOWS)
  return () => {
    const start = performance.now()
    network.forward(ends, WINDOWS, outputs)
    network.backward(outputs)
    return performance.now() - start
  }
}
