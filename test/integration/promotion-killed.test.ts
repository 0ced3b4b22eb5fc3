/** Promotions in processes of their own, killed at every step, and two at once. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { noticeMoves } from '../../src/registry/alias-watch.ts'
import { verifyAuditLog } from '../../src/registry/audit-log.ts'
import { recoverPromotions, requestPromotion } from '../../src/registry/promotion.ts'
import { liveVersion } from '../../src/registry/promotion-journal.ts'
import type { PromotionContext } from '../../src/registry/promotion-steps.ts'
import { findJournalFaults } from '../../src/registry/verify-journal.ts'
import {
  createPromotionStore,
  MODEL,
  PRODUCTION,
  type PromotionStore,
  promising,
} from '../contract/promotion-store.ts'
import { startNode } from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const SCRIPT = join(import.meta.dirname, 'promotion-process.ts')
/** In their order; `stage-set` and `alias-set` lie between two lines of the journal. */
const POINTS = [
  'requested',
  'gated',
  'approved',
  'stage-set',
  'alias-set',
  'alias-moved',
  'committed',
]

let store: PromotionStore
let context: PromotionContext

beforeEach(async () => {
  store = await createPromotionStore()
  context = store.open()
})
afterEach(() => store.end())

const start = (...args: readonly string[]) =>
  startNode([SCRIPT, store.directory, ...args], { directory: store.directory })

/** Alias, stage, journal and audit log tell one story, and this is the version in it. */
async function onlyStory(): Promise<number | undefined> {
  const live = liveVersion(context.database, PRODUCTION)
  const { database, tracking } = context
  const aliased = await tracking.getVersionByAlias(MODEL, 'production')
  const versions = await tracking.listModelVersions(MODEL)
  const staged = versions.items.filter(({ stage }) => stage === 'Production')
  expect(aliased?.version).toBe(live)
  expect(staged.map(({ version }) => version)).toEqual(live === undefined ? [] : [live])
  expect(await noticeMoves(context)).toEqual([])
  expect(verifyAuditLog(database).intact).toBe(true)
  expect(findJournalFaults(database)).toEqual([])
  return live
}

describe('a process that is killed', () => {
  test.each(POINTS)(
    'while it promotes, at %s, leaves the old version or brings the new',
    async (point) => {
      await requestPromotion(context, promising(1))
      const { exitCode } = await start('promote', '2', point, 'die')
      expect(exitCode).toBeNull()
      expect(liveVersion(context.database, PRODUCTION)).toBe(point === 'committed' ? 2 : 1)
      await recoverPromotions(context)
      expect(await onlyStory()).toBe(point === 'requested' ? 1 : 2)
    },
  )

  test.each(['approved', 'stage-set', 'alias-set', 'alias-moved'])(
    'while it rolls back, at %s, is completed at the next start',
    async (point) => {
      await requestPromotion(context, promising(1))
      await requestPromotion(context, promising(2))
      await start('rollback', '1', point, 'die')
      expect(liveVersion(context.database, PRODUCTION)).toBe(2)
      await recoverPromotions(context)
      expect(await onlyStory()).toBe(1)
    },
  )
})

describe('two processes that promote at once', () => {
  test.each(['requested', 'gated'])('from %s on cannot both win', async (point) => {
    await requestPromotion(context, promising(1))
    const racing = ['2', '3'].map((version) => start('promote', version, point, 'wait'))
    await vi.waitFor(
      () => {
        const ready = ['2', '3'].map((version) => join(store.directory, `ready-${version}`))
        expect(ready.every((file) => existsSync(file))).toBe(true)
      },
      { timeout: 30_000 },
    )
    writeFileSync(join(store.directory, 'go'), '')
    const outcomes = await Promise.all(racing)
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const losers = outcomes.flatMap(({ stdout }, i) => (stdout === '' ? [] : [[i, stdout]]))
    expect(losers).toEqual([[expect.any(Number), 'PROMOTION_CONFLICT']])
    const winner = losers[0]?.[0] === 0 ? 3 : 2
    expect(await onlyStory()).toBe(winner)
  })
})
