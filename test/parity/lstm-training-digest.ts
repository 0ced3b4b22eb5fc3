/**
 * Trains a small network and gives the digest of its weights; as a program it prints it.
 *
 *   node test/parity/lstm-training-digest.ts wasm-relaxed-simd narrow
 */
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { weightsDigest } from '../../src/lstm/serialise.ts'
import { trainLstm } from '../../src/lstm/train.ts'
import { createRandom } from '../../src/numerics/random.ts'

/** Two layers of odd sizes, dropout, odd batches; long enough for the compiler's last tier. */
export function trainingDigest(name: EngineName, wideVectors: boolean): string {
  const random = createRandom('data')
  const values = Float64Array.from({ length: 400 * 5 }, () => random.normal())
  const windowsOf = (from: number, to: number) => {
    const ends = Int32Array.from({ length: to - from }, (_, i) => from + i)
    return { ends, targets: Float64Array.from(ends, () => random.normal()) }
  }
  const trained = trainLstm({
    architecture: { inputSize: 5, hiddenSizes: [22, 9], outputSize: 3, windowLength: 10 },
    rows: { values, width: 5 },
    train: windowsOf(9, 300),
    validation: windowsOf(300, 400),
    loss: { kind: 'student-t' },
    options: { epochs: 6, batchSize: 67, dropout: 0.2, patience: 6 },
    random: createRandom(4),
    engine: selectEngine(name, { wideVectors }),
  })
  return weightsDigest(trained.weights)
}

if (import.meta.main) {
  const [name, width] = process.argv.slice(2)
  process.stdout.write(`${trainingDigest(name as EngineName, width === 'wide')}\n`)
}
