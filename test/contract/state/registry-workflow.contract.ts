/** What people do with promotions: approve, reject, override, roll back, move aliases elsewhere. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noticeMoves } from '../../../src/registry/alias-watch.ts'
import { readAuditLog, verifyAuditLog } from '../../../src/registry/audit-log.ts'
import { DEFAULT_GATE_POLICY } from '../../../src/registry/gate-policy.ts'
import {
  approvePromotion,
  promoteThroughStaging,
  recoverPromotions,
  requestPromotion,
} from '../../../src/registry/promotion.ts'
import {
  getPromotion,
  liveVersion,
  pendingPromotions,
} from '../../../src/registry/promotion-journal.ts'
import type { AliasMoves } from '../../../src/registry/promotion-rules.ts'
import type { PromotionContext } from '../../../src/registry/promotion-steps.ts'
import { rollBack } from '../../../src/registry/rollback.ts'
import {
  createPromotionStore,
  losing,
  MODEL,
  PRODUCTION,
  type PromotionStore,
  promising,
  STAGING,
} from '../promotion-store.ts'
import type { OpenTestState } from './test-state.ts'

export function promotionWorkflowContract(openState: OpenTestState): void {
  const TEAM = { ...DEFAULT_GATE_POLICY, approvals: 'team' } as const
  const HOUR_MS = 3_600_000

  let store: PromotionStore
  let context: PromotionContext

  beforeEach(async () => {
    store = await createPromotionStore(openState)
    context = store.open()
  })
  afterEach(() => store.end())

  const live = (slot: typeof PRODUCTION | typeof STAGING) => liveVersion(context.database, slot)
  const aliased = async (alias: string) =>
    (await context.tracking.getVersionByAlias(MODEL, alias))?.version
  const events = () => readAuditLog(context.database).map(({ event }) => event)

  /** By the policy `local`, one after another. */
  async function promote(...versions: readonly number[]): Promise<void> {
    for (const version of versions) await requestPromotion(context, promising(version))
  }

  describe('the way from Development to Production', () => {
    it('leads through Staging, and ends in Production under the policy local', async () => {
      const { steps } = await promoteThroughStaging(context, promising(1))
      expect(steps.map(({ state }) => state)).toEqual(['committed', 'committed'])
      expect([live(STAGING), live(PRODUCTION)]).toEqual([1, 1])
      expect(steps.map(({ verdict }) => verdict?.look)).toEqual([1, 1])
      const version = await context.tracking.getModelVersion({ name: MODEL, version: 1 })
      expect(version).toMatchObject({ stage: 'Production' })
      expect(version.aliases.toSorted()).toEqual(['production', 'staging'])
    })

    it('ends in Staging with an open request under the policy team', async () => {
      const { steps, last } = await promoteThroughStaging(context, promising(1, { policy: TEAM }))
      expect(steps).toMatchObject([
        { environment: 'staging', state: 'committed', approver: 'policy:team' },
        { environment: 'production', state: 'gated' },
      ])
      expect([live(STAGING), live(PRODUCTION)]).toEqual([1, undefined])
      expect(pendingPromotions(context.database).map(({ id }) => id)).toEqual([last.id])
    })

    it('ends in Development for what the gate holds', async () => {
      const { steps } = await promoteThroughStaging(context, losing(1))
      expect(steps).toMatchObject([{ environment: 'staging', state: 'refused' }])
      expect([live(STAGING), live(PRODUCTION)]).toEqual([undefined, undefined])
    })

    it('does not lead through Staging twice', async () => {
      await requestPromotion(context, promising(1, { environment: 'staging' }))
      const { steps } = await promoteThroughStaging(context, promising(1))
      expect(steps).toMatchObject([{ environment: 'production', state: 'committed' }])
    })

    it('keeps the stage Production when a live version is staged again', async () => {
      await promoteThroughStaging(context, promising(1))
      await requestPromotion(context, promising(1, { environment: 'staging' }))
      const { stage } = await context.tracking.getModelVersion({ name: MODEL, version: 1 })
      expect(stage).toBe('Production')
    })
  })

  describe('an approval under the policy team', () => {
    it('is refused to somebody whom the rules do not name', async () => {
      const { id } = await requestPromotion(context, promising(1, { policy: TEAM }))
      await expect(approvePromotion(context, id, { approver: 'mallory' })).rejects.toMatchObject({
        code: 'APPROVAL_REFUSED',
        message: expect.stringContaining('grace'),
      })
      expect(getPromotion(context.database, id).state).toBe('gated')
    })

    it('comes too late after the deadline, and the request has expired', async () => {
      const { id } = await requestPromotion(context, promising(1, { policy: TEAM }))
      store.now += 72 * HOUR_MS
      await expect(approvePromotion(context, id, { approver: 'grace' })).rejects.toMatchObject({
        code: 'APPROVAL_REFUSED',
        message: expect.stringContaining('expired'),
      })
      expect(getPromotion(context.database, id).state).toBe('expired')
      expect(live(PRODUCTION)).toBeUndefined()
      expect(events().at(-1)).toBe('promotion-expired')
    })

    it('expires at the next start too, though nobody asks', async () => {
      const { id } = await requestPromotion(context, promising(1, { policy: TEAM }))
      store.now += 73 * HOUR_MS
      await recoverPromotions(store.open())
      expect(getPromotion(context.database, id).state).toBe('expired')
    })

    it('says under which account it was given, when the name was', async () => {
      const { id } = await requestPromotion(context, promising(1, { policy: TEAM }))
      await approvePromotion(context, id, { approver: 'grace', account: 'ci' })
      const line = readAuditLog(context.database).find(
        ({ event }) => event === 'promotion-approved',
      )
      expect(line?.fields).toMatchObject({ approver: 'grace', account: 'ci' })
    })
  })

  describe('an override', () => {
    const override = { reason: 'the classical models lack the new split' }

    it('brings a version into Production that the gate holds, with the verdict and the reason', async () => {
      const { last: production } = await promoteThroughStaging(context, { ...losing(1), override })
      expect(production).toMatchObject({
        state: 'committed',
        kind: 'override',
        reason: override.reason,
        approver: 'ada',
        verdict: { decision: 'hold' },
      })
      expect(live(PRODUCTION)).toBe(1)
      const lines = readAuditLog(context.database).filter(
        ({ fields }) => fields.kind === 'override',
      )
      expect(lines[0]?.fields).toMatchObject({ requester: 'ada', reason: override.reason })
    })

    it('does not stand in for the approval of another person', async () => {
      const request = { ...losing(1, { policy: TEAM }), override }
      const { last: production } = await promoteThroughStaging(context, request)
      expect(production).toMatchObject({ state: 'gated', kind: 'override' })
      const { id } = production
      await expect(approvePromotion(context, id, { approver: 'ada' })).rejects.toMatchObject({
        code: 'APPROVAL_REFUSED',
      })
      expect(await approvePromotion(context, id, { approver: 'grace' })).toMatchObject({
        state: 'committed',
      })
    })
  })

  describe('a rollback', () => {
    const back = { ...PRODUCTION, by: 'ada', reason: 'forecasts stopped' }

    it('makes the version live that was live before, without the gate', async () => {
      await promote(1, 2)
      const promotion = await rollBack(context, back)
      expect(promotion).toMatchObject({ kind: 'rollback', version: 1, state: 'committed' })
      expect(promotion).toMatchObject({ requester: 'ada', reason: 'forecasts stopped' })
      expect(live(PRODUCTION)).toBe(1)
      expect(await aliased('production')).toBe(1)
      expect(events().slice(-4)).toEqual([
        'promotion-requested',
        'promotion-approved',
        'promotion-alias-moved',
        'promotion-committed',
      ])
      expect(verifyAuditLog(context.database).intact).toBe(true)
    })

    it('twice goes two versions back, and a promotion after it starts a new way', async () => {
      await promote(1, 2, 3)
      const versions = [await rollBack(context, back), await rollBack(context, back)]
      expect(versions.map(({ version }) => version)).toEqual([2, 1])
      await expect(rollBack(context, back)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await promote(3)
      expect((await rollBack(context, back)).version).toBe(1)
    })

    it('goes to any version that was live, and to no other', async () => {
      await promote(1, 2)
      await expect(rollBack(context, { ...back, to: 3 })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      expect((await rollBack(context, { ...back, to: 1 })).version).toBe(1)
    })

    it('supersedes a promotion that waits for its approval', async () => {
      await promote(1, 2)
      const waiting = await requestPromotion(context, promising(3, { policy: TEAM }))
      await rollBack(context, back)
      await expect(
        approvePromotion(context, waiting.id, { approver: 'grace' }),
      ).rejects.toMatchObject({ code: 'PROMOTION_CONFLICT' })
      expect(live(PRODUCTION)).toBe(1)
    })

    it('waits its turn while another process carries a promotion out', async () => {
      await promote(1, 2)
      const dying = store.open({
        onStep: ({ state }) => {
          if (state === 'approved') throw new Error('died')
        },
      })
      await expect(requestPromotion(dying, promising(3))).rejects.toThrowError('died')
      await expect(rollBack(context, back)).rejects.toMatchObject({ code: 'PROMOTION_CONFLICT' })
    })
  })

  describe('an alias that another client has moved', () => {
    const watching = (aliasMoves: AliasMoves) =>
      noticeMoves({ ...context, rules: { ...context.rules, aliasMoves } })
    const elsewhere = (version: number) =>
      context.tracking.setAlias({ name: MODEL, version }, 'production')

    beforeEach(() => promote(1))

    it('is not noticed while none has moved', async () => {
      expect(await watching('accept')).toEqual([])
    })

    it('is in the audit log once, and changes nothing under the rule ignore', async () => {
      await elsewhere(2)
      const move = {
        environment: 'production',
        via: 'alias',
        found: 2,
        live: 1,
        outcome: 'ignored',
      }
      expect(await watching('ignore')).toMatchObject([{ ...move, isNew: true }])
      expect(await watching('ignore')).toMatchObject([{ ...move, isNew: false }])
      expect(live(PRODUCTION)).toBe(1)
      expect(await aliased('production')).toBe(2)
      expect(events().filter((event) => event === 'alias-moved-elsewhere')).toHaveLength(1)
    })

    it('is a new move after it was where it belongs', async () => {
      for (const version of [2, 1, 2]) {
        await elsewhere(version)
        await watching('ignore')
      }
      expect(events().filter((event) => event === 'alias-moved-elsewhere')).toHaveLength(2)
    })

    it('is put back under the rule restore', async () => {
      await elsewhere(2)
      expect(await watching('restore')).toMatchObject([{ outcome: 'restored' }])
      expect(await aliased('production')).toBe(1)
      expect(events().at(-1)).toBe('alias-restored')
      expect(await watching('restore')).toEqual([])
    })

    it('is a promotion under the rule accept', async () => {
      await elsewhere(2)
      expect(await watching('accept')).toMatchObject([{ outcome: 'accepted' }])
      expect(live(PRODUCTION)).toBe(2)
      const { stage } = await context.tracking.getModelVersion({ name: MODEL, version: 2 })
      expect(stage).toBe('Production')
      expect(readAuditLog(context.database).at(-1)?.fields).toMatchObject({
        kind: 'external',
        version: 2,
      })
      expect(await watching('accept')).toEqual([])
    })

    it('is not accepted for a version that is no forecaster', async () => {
      await context.tracking.createModelVersion({ name: MODEL, source: 's3://elsewhere/model' })
      await elsewhere(4)
      expect(await watching('accept')).toMatchObject([{ found: 4, outcome: 'ignored' }])
      expect(live(PRODUCTION)).toBe(1)
    })

    it('is put back when it was removed, unless it is to be ignored', async () => {
      await context.tracking.deleteAlias(MODEL, 'production')
      expect(await watching('ignore')).toMatchObject([{ found: undefined, outcome: 'ignored' }])
      expect(await watching('accept')).toMatchObject([{ found: undefined, outcome: 'restored' }])
      expect(await aliased('production')).toBe(1)
    })

    it('is noticed on a model that was never promoted here', async () => {
      await context.tracking.createRegisteredModel({ name: 'other' })
      await context.tracking.createModelVersion({ name: 'other', source: 'runs:/x/model' })
      await context.tracking.setAlias({ name: 'other', version: 1 }, 'production')
      expect(await watching('restore')).toMatchObject([
        { model: 'other', found: 1, live: undefined, outcome: 'restored' },
      ])
      expect(await context.tracking.getVersionByAlias('other', 'production')).toBeUndefined()
    })

    it('is noticed by its stage too, as older clients move it', async () => {
      const second = { name: MODEL, version: 2 }
      await context.tracking.setModelVersionStage(second, 'Production', { archiveExisting: true })
      expect(await watching('ignore')).toMatchObject([{ via: 'stage', found: 2, live: 1 }])
      expect(await watching('restore')).toMatchObject([{ via: 'stage', outcome: 'restored' }])
      const stages = await Promise.all(
        [1, 2].map((version) => context.tracking.getModelVersion({ name: MODEL, version })),
      )
      expect(stages.map(({ stage }) => stage)).toEqual(['Production', 'Archived'])
      expect(await watching('ignore')).toEqual([])
    })

    it('is not seen in what the program itself does', async () => {
      await promoteThroughStaging(context, promising(2))
      await requestPromotion(context, promising(3, { environment: 'staging' }))
      await rollBack(context, { ...PRODUCTION, by: 'ada', reason: 'test' })
      expect(await watching('ignore')).toEqual([])
    })
  })

  describe('the policy', () => {
    it('is in the audit log when decisions are made under another one than before', async () => {
      await promote(1)
      await promote(2)
      const stricter = { ...DEFAULT_GATE_POLICY, version: '2', alpha: 0.01 }
      await requestPromotion(context, promising(3, { policy: stricter }))
      const changes = readAuditLog(context.database).filter(
        ({ event }) => event === 'policy-changed',
      )
      expect(changes).toHaveLength(2)
      expect(changes[1]?.fields).toMatchObject({ policy: { version: '2', alpha: 0.01 } })
      expect(changes[1]?.fields.before).toBe(changes[0]?.fields.digest)
    })
  })
}
