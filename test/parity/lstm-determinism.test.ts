/** The same training gives the same weights, whatever the width of the vectors and the process. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { trainingDigest } from './lstm-training-digest.ts'

const PROGRAM = fileURLToPath(new URL('lstm-training-digest.ts', import.meta.url))

test.each(['wasm-simd', 'wasm-relaxed-simd'] as const)(
  '%s trains the same weights with wide and narrow vectors, and in another process',
  (name) => {
    const digest = trainingDigest(name, true)
    expect(trainingDigest(name, false)).toBe(digest)
    for (const width of ['narrow', 'wide']) {
      const args = ['--no-warnings', PROGRAM, name, width]
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe(digest)
    }
  },
)
