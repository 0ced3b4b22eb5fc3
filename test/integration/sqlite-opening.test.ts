import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

const THREADS = 3
const ROUNDS = 40

test('several that open a new file at the same moment all get it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-connection-'))
  const files = Array.from({ length: ROUNDS }, (_, round) => join(directory, `${round}.db`))
  const gate = new Int32Array(new SharedArrayBuffer(4 * ROUNDS))
  const workerData = { files, gate, threads: THREADS }
  try {
    const ends = Array.from({ length: THREADS }, () => {
      const worker = new Worker(new URL('./sqlite-opening-worker.ts', import.meta.url), {
        workerData,
      })
      return new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
    })
    expect(await Promise.all(ends)).toEqual(Array(THREADS).fill('done'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
