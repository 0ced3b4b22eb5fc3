/** `kill -9` at moments of chance; `npm run test:kill` does the same a hundred times. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultsOf, killed, prepareStore, roundsOf } from './kill-work.ts'

test('a store whose processes are killed stays consistent, and keeps all that was acknowledged', async () => {
  const store = mkdtempSync(join(tmpdir(), 'killed-'))
  try {
    await prepareStore(store)
    const heard: string[] = []
    for (const round of roundsOf(12, 7)) {
      heard.push(...(await killed(store, round)))
      expect(await faultsOf(store, heard), `after round ${round.round}, ${round.kind}`).toEqual([])
    }
    expect(heard.length).toBeGreaterThan(12)
  } finally {
    rmSync(store, { recursive: true, force: true, maxRetries: 3 })
  }
}, 240_000)
