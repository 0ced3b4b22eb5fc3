/** The same training gives the same weights, whatever the vectors' width, the threads, the process. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { type DigestOptions, trainingDigest } from './lstm-training-digest.ts'

// Threads and processes take their time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const PROGRAM = fileURLToPath(new URL('lstm-training-digest.ts', import.meta.url))

/**
 * The plain reference's weights on every machine. Another digest means that a stored run can't be
 * reproduced any more: change it only along with the recipe of every model.
 */
const REFERENCE_DIGEST = 'fdf2c176a5a351fa6188c631af9a0b039e3851289f0330a8341c3b4589ecb45e'

function digestOfProcess(name: string, { wideVectors, threads }: DigestOptions): string {
  const width = wideVectors ? 'wide' : 'narrow'
  const args = ['--no-warnings', PROGRAM, name, width, String(threads)]
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
}

test.each(['wasm-simd', 'wasm-relaxed-simd'] as const)(
  '%s trains the same weights on 1, 2 and 4 threads, with wide and narrow vectors, in any process',
  async (name) => {
    const digest = await trainingDigest(name, { wideVectors: true, threads: 1 })
    expect(await trainingDigest(name, { wideVectors: false, threads: 1 })).toBe(digest)
    for (const threads of [2, 4]) {
      expect(await trainingDigest(name, { wideVectors: true, threads })).toBe(digest)
    }
    expect(digestOfProcess(name, { wideVectors: true, threads: 2 })).toBe(digest)
  },
)

test('the reference trains the same weights on every machine, and in another process', async () => {
  const options = { wideVectors: false, threads: 2 }
  expect(await trainingDigest('reference', { ...options, threads: 1 })).toBe(REFERENCE_DIGEST)
  expect(digestOfProcess('reference', options)).toBe(REFERENCE_DIGEST)
})
