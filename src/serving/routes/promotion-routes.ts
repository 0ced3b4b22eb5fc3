/** Changes of what is live: promote, approve, reject, roll back; the same steps as the commands'. */
import { Type } from 'typebox'
import { promoteVersion } from '../../pipeline/promote-version.ts'
import { approvePromotion, rejectPromotion } from '../../registry/promotion.ts'
import { getPromotion, type Promotion } from '../../registry/promotion-journal.ts'
import { rollBack } from '../../registry/rollback.ts'
import { actorOf, type Principal } from '../access/principal.ts'
import { problemResponses } from '../http/problem.ts'
import { Refusal } from '../refusal.ts'
import { PromotionDocument, promotionDocument } from './promotion-document.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'admin' } as const
const strict = { additionalProperties: false }
const params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 250 }) })
const Reason = Type.String({
  minLength: 1,
  maxLength: 1000,
  pattern: '\\S',
  description: 'Why, for the record.',
})
const Environment = Type.Enum(['staging', 'production'])
const Which = Type.String({ minLength: 1, maxLength: 64, description: "The promotion's id." })
const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

const answerOf = <Answer>(answer: Answer) => ({ 200: answer, ...problemResponses(404, 409) })

export function promotionRoutes(server: TypedServer, { app, config: settings }: ServingContext) {
  const actor = (principal: Principal | null): string => actorOf(principal, app.user)

  server.post(
    '/api/v1/models/:name/promote',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'promoteVersion',
        summary: 'Put a version to the gate; with `override`, past it on the record',
        params,
        body: Type.Object(
          {
            version: VersionNumber,
            to: Environment,
            override: Type.Optional(Type.Object({ reason: Reason }, strict)),
          },
          strict,
        ),
        response: answerOf(Type.Object({ promotions: Type.Array(PromotionDocument) })),
      },
    },
    async ({ params: { name }, body: { version, to, override }, principal }) => {
      const { steps, last } = await promoteVersion(app, {
        ...{ name, version, to, requester: actor(principal), calendar: settings.calendar },
        ...(override && { override }),
      })
      return { promotions: (steps.length === 0 ? [last] : steps).map(promotionDocument) }
    },
  )

  server.post(
    '/api/v1/models/:name/approve',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'approvePromotion',
        summary: 'Approve a promotion that somebody else has asked for',
        params,
        body: Type.Object({ promotion: Which }, strict),
        response: answerOf(PromotionDocument),
      },
    },
    async ({ params: { name }, body, principal }) => {
      const { id } = promotionOf(name, body.promotion)
      const approval = { approver: actor(principal) }
      return promotionDocument(await approvePromotion(app.promotions, id, approval))
    },
  )

  server.post(
    '/api/v1/models/:name/reject',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'rejectPromotion',
        summary: 'End a promotion that waits for approval',
        params,
        body: Type.Object({ promotion: Which, reason: Reason }, strict),
        response: answerOf(PromotionDocument),
      },
    },
    async ({ params: { name }, body: { promotion, reason }, principal }) => {
      const { id } = promotionOf(name, promotion)
      const by = actor(principal)
      return promotionDocument(rejectPromotion(app.promotions, id, { by, reason }))
    },
  )

  server.post(
    '/api/v1/models/:name/rollback',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'rollBack',
        summary: 'Make live again what was live before; needs neither gate nor approval',
        params,
        body: Type.Object(
          {
            environment: Environment,
            to: Type.Optional(VersionNumber),
            reason: Reason,
          },
          strict,
        ),
        response: answerOf(PromotionDocument),
      },
    },
    async ({ params: { name: model }, body: { environment, to, reason }, principal }) => {
      await app.tracking.getRegisteredModel(model)
      const target = to === undefined ? {} : { to }
      const request = { model, environment, by: actor(principal), reason, ...target }
      return promotionDocument(await rollBack(app.promotions, request))
    },
  )

  function promotionOf(model: string, id: string): Promotion {
    const promotion = getPromotion(app.promotions.database, id)
    if (promotion.model === model) return promotion
    const detail = `The promotion '${id}' is of ${promotion.model}, not of ${model}.`
    throw new Refusal({ status: 404, type: 'not-found', detail })
  }
}
