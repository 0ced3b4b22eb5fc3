/** A store with a few registered versions, for tests of what promotions do to it. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { versionTags } from '../../src/registry/forecaster-name.ts'
import { DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'
import type { PromotionRequest } from '../../src/registry/promotion.ts'
import { DEFAULT_PROMOTION_RULES } from '../../src/registry/promotion-rules.ts'
import type { PromotionContext } from '../../src/registry/promotion-steps.ts'
import { REGISTRY_SCHEMA } from '../../src/registry/registry-database.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { OpenTestState } from './state/test-state.ts'

export const MODEL = 'aapl-forecaster'
export const PRODUCTION = { model: MODEL, environment: 'production' } as const
export const STAGING = { model: MODEL, environment: 'staging' } as const

export interface PromotionStore {
  readonly directory: string
  /** The time; every question for it takes a millisecond. */
  now: number
  /** Another process on the same store. */
  open(changes?: Partial<PromotionContext>): PromotionContext
  end(): Promise<void>
}

/** Opens the store of `directory` as one process does. */
export function openPromotions(directory: string, clock: () => number): PromotionContext {
  const newId = () => randomUUID().replaceAll('-', '')
  return {
    tracking: openSqliteTrackingStore({ directory, clock, newId }),
    database: openDatabase(join(directory, 'tickerflow.db'), [REGISTRY_SCHEMA]),
    clock,
    newId,
    rules: { ...DEFAULT_PROMOTION_RULES, approvers: ['grace', 'ada'] },
  }
}

/**
 * @param openState Where the journal is kept. Left out: in the store's own file.
 * @returns A store with versions 1, 2 and 3 of `MODEL`.
 */
export async function createPromotionStore(openState?: OpenTestState): Promise<PromotionStore> {
  const state = await openState?.()
  const directory = mkdtempSync(join(tmpdir(), 'promotion-'))
  const opened: PromotionContext[] = []
  const store: PromotionStore = {
    directory,
    now: 1000,
    open(changes = {}) {
      const context = openPromotions(directory, () => store.now++)
      opened.push(context)
      const shared = state === undefined ? {} : { database: state.database }
      return { ...context, ...shared, ...changes }
    },
    async end() {
      for (const { tracking, database } of opened) {
        await tracking.close()
        database.close()
      }
      await state?.end()
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  const { tracking } = store.open()
  await tracking.createRegisteredModel({ name: MODEL })
  const tags = versionTags({ symbols: ['AAPL'], horizons: [1], recipe: 'recipe-a' })
  for (let version = 1; version <= 3; version++) {
    await tracking.createModelVersion({ name: MODEL, source: `runs:/r${version}/model`, tags })
  }
  return store
}

/** Losses around the level, in a fixed pattern. */
function losses(level: number): Float64Array {
  return Float64Array.from({ length: 600 }, (_, i) => level * (1 + 0.1 * ((i * 7) % 11)))
}

/** A request of `ada` that the gate promotes under the policy `local`. */
export function promising(
  version: number,
  changes: Partial<PromotionRequest> = {},
): PromotionRequest {
  return {
    ...PRODUCTION,
    version,
    recipe: 'recipe-a',
    requester: 'ada',
    policy: DEFAULT_GATE_POLICY,
    evidence: {
      horizon: 1,
      losses: {
        candidate: losses(0.9 + version / 1e6),
        naive: losses(1),
        classical: { har: losses(0.95) },
      },
      direction: { forecasts: losses(0), outcomes: losses(0) },
      coverage80: 0.8,
      coverage95: 0.95,
      leakageFindings: [],
      dataAgeSessions: 0,
      historical: true,
    },
    ...changes,
  }
}

/** One that the gate holds. */
export function losing(version: number, changes: Partial<PromotionRequest> = {}): PromotionRequest {
  const good = promising(version, changes)
  const worse = { ...good.evidence.losses, candidate: losses(1.1) }
  return { ...good, evidence: { ...good.evidence, losses: worse } }
}
