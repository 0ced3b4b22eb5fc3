import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAuditLog, verifyAuditLog } from '../../../src/registry/audit-log.ts'
import { DEFAULT_GATE_POLICY } from '../../../src/registry/gate-policy.ts'
import {
  approvePromotion,
  type PromotionRequest,
  recoverPromotions,
  rejectPromotion,
  requestPromotion,
} from '../../../src/registry/promotion.ts'
import {
  getPromotion,
  liveAt,
  liveVersion,
  type PromotionState,
  promotionsOf,
} from '../../../src/registry/promotion-journal.ts'
import type { PromotionContext } from '../../../src/registry/promotion-steps.ts'
import {
  createPromotionStore,
  losing,
  MODEL,
  type PromotionStore,
  promising as request,
  PRODUCTION as SLOT,
} from '../promotion-store.ts'
import type { OpenTestState } from './test-state.ts'

export function promotionContract(openState: OpenTestState): void {
  const TEAM = { ...DEFAULT_GATE_POLICY, approvals: 'team' } as const

  let store: PromotionStore
  let context: PromotionContext

  beforeEach(async () => {
    store = await createPromotionStore(openState)
    context = store.open()
  })
  afterEach(() => store.end())

  async function aliased(): Promise<number | undefined> {
    return (await context.tracking.getVersionByAlias(MODEL, 'production'))?.version
  }

  describe('a promotion under the policy local', () => {
    it('makes a deserving version live, in alias, stage and journal', async () => {
      const promotion = await requestPromotion(context, request(1))
      expect(promotion).toMatchObject({
        state: 'committed',
        approver: 'policy:local',
        verdict: { decision: 'promote', look: 1 },
        expectedVersion: undefined,
      })
      expect(await context.tracking.getModelVersion({ name: MODEL, version: 1 })).toMatchObject({
        aliases: ['production'],
        stage: 'Production',
      })
      expect(liveVersion(context.database, SLOT)).toBe(1)
    })

    it('leaves everything as it was for a version that does not pass', async () => {
      await requestPromotion(context, request(1))
      const refused = await requestPromotion(context, losing(2))
      expect(refused).toMatchObject({ state: 'refused', verdict: { decision: 'hold' } })
      expect(await aliased()).toBe(1)
      expect(liveVersion(context.database, SLOT)).toBe(1)
    })

    it('archives the version that it replaces', async () => {
      await requestPromotion(context, request(1))
      await requestPromotion(context, request(2))
      const old = await context.tracking.getModelVersion({ name: MODEL, version: 1 })
      expect(old).toMatchObject({ aliases: [], stage: 'Archived' })
    })

    it('refuses a version that does not exist before anything is written', async () => {
      await expect(requestPromotion(context, request(9))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      expect(promotionsOf(context.database, MODEL)).toEqual([])
    })

    it('counts a look for new evidence of a recipe, and none for the same evidence again', async () => {
      const lookOf = async (changes: PromotionRequest) =>
        (await requestPromotion(context, changes)).verdict?.look
      expect(await lookOf(request(1))).toBe(1)
      expect(await lookOf(request(1))).toBe(1)
      expect(await lookOf(request(2))).toBe(2)
      expect(await lookOf(request(2, { recipe: 'recipe-b' }))).toBe(1)
      expect(await lookOf(request(3))).toBe(3)
    })

    it('keeps environments apart', async () => {
      await requestPromotion(context, request(1))
      await requestPromotion(context, request(2, { environment: 'staging' }))
      expect(liveVersion(context.database, SLOT)).toBe(1)
      expect(liveVersion(context.database, { ...SLOT, environment: 'staging' })).toBe(2)
    })
  })

  describe('a promotion under the policy team', () => {
    const asked = () => requestPromotion(context, request(1, { policy: TEAM }))

    it('waits until another person approves', async () => {
      const { id, state } = await asked()
      expect(state).toBe('gated')
      expect(await aliased()).toBeUndefined()
      const approved = await approvePromotion(context, id, { approver: 'grace' })
      expect(approved).toMatchObject({ state: 'committed', approver: 'grace' })
      expect(await aliased()).toBe(1)
    })

    it('is still waiting after the program starts again', async () => {
      const { id } = await asked()
      expect(await recoverPromotions(store.open())).toEqual([])
      expect(getPromotion(context.database, id).state).toBe('gated')
    })

    it('cannot be approved by the one who asked', async () => {
      const { id } = await asked()
      await expect(approvePromotion(context, id, { approver: 'ada' })).rejects.toMatchObject({
        code: 'APPROVAL_REFUSED',
        message: expect.stringContaining('ada'),
      })
      expect(await aliased()).toBeUndefined()
    })

    it('can be rejected, and not approved afterwards', async () => {
      const { id } = await asked()
      const rejected = rejectPromotion(context, id, { by: 'grace', reason: 'earnings tomorrow' })
      expect(rejected.state).toBe('rejected')
      await expect(approvePromotion(context, id, { approver: 'grace' })).rejects.toMatchObject({
        code: 'APPROVAL_REFUSED',
      })
      expect(readAuditLog(context.database).at(-1)?.fields).toMatchObject({
        by: 'grace',
        reason: 'earnings tomorrow',
      })
    })

    it('cannot be approved twice, nor when the gate has refused it', async () => {
      const { id } = await asked()
      await approvePromotion(context, id, { approver: 'grace' })
      const refused = await requestPromotion(context, { ...losing(2), policy: TEAM })
      for (const again of [id, refused.id]) {
        await expect(approvePromotion(context, again, { approver: 'grace' })).rejects.toMatchObject(
          {
            code: 'APPROVAL_REFUSED',
          },
        )
      }
    })

    it('does not stand when what is live has changed since it was asked for', async () => {
      const first = await requestPromotion(context, request(1, { policy: TEAM }))
      const second = await requestPromotion(context, request(2, { policy: TEAM }))
      await approvePromotion(context, first.id, { approver: 'grace' })
      await expect(
        approvePromotion(context, second.id, { approver: 'grace' }),
      ).rejects.toMatchObject({
        code: 'PROMOTION_CONFLICT',
      })
      expect(getPromotion(context.database, second.id).state).toBe('superseded')
      expect(await aliased()).toBe(1)
    })
  })

  describe('two promotions at once', () => {
    it('cannot both win', async () => {
      await requestPromotion(context, request(1))
      const outcomes = await Promise.allSettled([
        requestPromotion(context, request(2)),
        requestPromotion(store.open(), request(3)),
      ])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'PROMOTION_CONFLICT' },
      })
      expect(await aliased()).toBe(liveVersion(context.database, SLOT))
    })

    it('cannot both win when one of them died after its approval', async () => {
      const dying = store.open({ onStep: dieAfter('approved') })
      await expect(requestPromotion(dying, request(1))).rejects.toThrowError('died after approved')
      await expect(requestPromotion(context, request(2))).rejects.toMatchObject({
        code: 'PROMOTION_CONFLICT',
      })
      await recoverPromotions(context)
      expect(await aliased()).toBe(1)
      expect((await requestPromotion(context, request(2))).state).toBe('committed')
    })

    it('leave the alias at what is live when a slow process moves it late', async () => {
      const { tracking } = context
      const fast = store.open()
      const slow: PromotionContext = {
        ...context,
        tracking: {
          ...tracking,
          setAlias: async (ref, alias) => {
            await recoverPromotions(fast)
            await requestPromotion(fast, request(2))
            await tracking.setAlias(ref, alias)
          },
        },
      }
      await requestPromotion(slow, request(1))
      expect(liveVersion(context.database, SLOT)).toBe(2)
      expect(await aliased()).toBe(2)
    })
  })

  describe('a crash during a promotion', () => {
    const STEPS: readonly PromotionState[] = ['requested', 'gated', 'approved', 'alias-moved']

    it.each([...STEPS, 'committed' as const])(
      'after the step %s leaves the old version live or brings the new one, never a mixture',
      async (step) => {
        await requestPromotion(context, request(1))
        const dying = store.open({ onStep: dieAfter(step) })
        await expect(requestPromotion(dying, request(2))).rejects.toThrowError(`died after ${step}`)
        expect(liveVersion(context.database, SLOT)).toBe(step === 'committed' ? 2 : 1)

        const started = store.open()
        await recoverPromotions(started)
        const expected = step === 'requested' ? 1 : 2
        expect(liveVersion(started.database, SLOT)).toBe(expected)
        expect(await aliased()).toBe(expected)
        const stages = await Promise.all(
          [1, 2].map((version) => context.tracking.getModelVersion({ name: MODEL, version })),
        )
        expect(stages.filter(({ stage }) => stage === 'Production')).toMatchObject([
          { version: expected },
        ])
        expect(await recoverPromotions(started)).toEqual([])
        expect(verifyAuditLog(started.database)).toMatchObject({ intact: true })
      },
    )

    it.each(['setModelVersionStage', 'setAlias'] as const)(
      'of the tracking server in %s is made good at the next start',
      async (method) => {
        await requestPromotion(context, request(1))
        const failing = { ...context.tracking, [method]: () => Promise.reject(new Error('gone')) }
        await expect(
          requestPromotion({ ...context, tracking: failing }, request(2)),
        ).rejects.toThrowError('gone')
        expect(liveVersion(context.database, SLOT)).toBe(1)
        await recoverPromotions(context)
        expect(liveVersion(context.database, SLOT)).toBe(2)
        expect(await aliased()).toBe(2)
      },
    )

    it('abandons a promotion whose version has vanished, and frees its place', async () => {
      const dying = store.open({ onStep: dieAfter('approved') })
      await expect(requestPromotion(dying, request(3))).rejects.toThrow()
      const missing: PromotionContext = {
        ...context,
        tracking: {
          ...context.tracking,
          setModelVersionStage: (ref) => context.tracking.getModelVersion({ ...ref, version: 99 }),
        },
      }
      expect(await recoverPromotions(missing)).toMatchObject([{ state: 'abandoned' }])
      expect((await requestPromotion(context, request(2))).state).toBe('committed')
    })
  })

  describe('the history', () => {
    it('says what was live at any instant', async () => {
      await requestPromotion(context, request(1))
      const firstAt = getPromotion(
        context.database,
        promotionsOf(context.database, MODEL)[0]?.id ?? '',
      ).committedAtMs as number
      store.now = 5000
      await requestPromotion(context, request(2))
      const at = (instant: number) => liveAt(context.database, SLOT, instant)?.version
      expect([at(firstAt - 1), at(firstAt), at(4999), at(6000)]).toEqual([undefined, 1, 1, 2])
    })

    it('lists every promotion that was ever asked for', async () => {
      await requestPromotion(context, request(1))
      await requestPromotion(context, losing(2))
      const states = promotionsOf(context.database, MODEL).map(({ version, state }) => [
        version,
        state,
      ])
      expect(states).toEqual([
        [1, 'committed'],
        [2, 'refused'],
      ])
    })

    it('has a chained audit line for every step, with who, what and why', async () => {
      const { id } = await requestPromotion(context, request(1))
      const lines = readAuditLog(context.database)
      expect(lines.map(({ event }) => event)).toEqual([
        'policy-changed',
        'promotion-requested',
        'promotion-gated',
        'promotion-approved',
        'promotion-alias-moved',
        'promotion-committed',
      ])
      for (const { fields } of lines.slice(1))
        expect(fields).toMatchObject({ promotion: id, version: 1 })
      expect(lines[1]?.fields).toMatchObject({
        requester: 'ada',
        look: 1,
        policy: { version: '1' },
      })
      expect(lines[2]?.fields).toMatchObject({ decision: 'promote' })
      expect(lines[3]?.fields).toMatchObject({ approver: 'policy:local' })
      expect(verifyAuditLog(context.database)).toMatchObject({ intact: true, lines: 6 })
    })
  })

  function dieAfter(
    state: PromotionState,
  ): (promotion: { readonly state: PromotionState }) => void {
    return (promotion) => {
      if (promotion.state === state) throw new Error(`died after ${state}`)
    }
  }
}
