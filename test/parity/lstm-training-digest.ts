/**
 * Trains a small network and gives a digest of its weights and losses; as a program it prints it.
 *
 *   node test/parity/lstm-training-digest.ts wasm-relaxed-simd narrow 2
 */
import { createHash } from 'node:crypto'
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { trainLstmParallel } from '../../src/lstm/parallel.ts'
import { weightBytes } from '../../src/lstm/serialise.ts'
import { createRandom } from '../../src/numerics/random.ts'

export interface DigestOptions {
  readonly wideVectors: boolean
  readonly threads: number
}

/**
 * SHA-256 (hex) of the best weights, and of every epoch's losses and gradients behind them.
 *
 * Two layers of odd sizes, dropout, batches of three odd micro-batches; long enough for the compiler's
 * last tier.
 */
export async function trainingDigest(
  name: EngineName,
  { wideVectors, threads }: DigestOptions,
): Promise<string> {
  const random = createRandom('data')
  const values = Float64Array.from({ length: 400 * 5 }, () => random.normal())
  const windowsOf = (from: number, to: number) => {
    const ends = Int32Array.from({ length: to - from }, (_, i) => from + i)
    return { ends, targets: Float64Array.from(ends, () => random.normal()) }
  }
  const trained = await trainLstmParallel({
    architecture: { inputSize: 5, hiddenSizes: [22, 9], outputSize: 3, windowLength: 10 },
    rows: { values, width: 5 },
    train: windowsOf(9, 300),
    validation: windowsOf(300, 400),
    loss: { kind: 'student-t' },
    options: { epochs: 5, batchSize: 137, dropout: 0.2, patience: 5 },
    random: createRandom(4),
    engine: selectEngine(name, { wideVectors }),
    threads,
  })
  const hash = createHash('sha256').update(weightBytes(trained.weights))
  return hash.update(JSON.stringify(trained.history)).digest('hex')
}

if (import.meta.main) {
  const [name, width, threads] = process.argv.slice(2)
  const options = { wideVectors: width === 'wide', threads: Number(threads) }
  process.stdout.write(`${await trainingDigest(name as EngineName, options)}\n`)
}
