/** What a version of a model is: its card, and what tells it apart from another. */
import { Type } from 'typebox'
import { modelCardOf } from '../../pipeline/model-card-of.ts'
import { compareVersions } from '../../pipeline/version-difference.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const
const Name = Type.String({ minLength: 1, maxLength: 250 })
const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })
const Fact = Type.Union([Type.String(), Type.Number(), Type.Null()])

export function versionRoutes(server: TypedServer, { app }: ServingContext): void {
  server.get(
    '/api/v1/models/:name/versions/:version/card',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'getModelCard',
        summary: 'The model card of a version',
        params: Type.Object({ name: Name, version: VersionNumber }),
        response: {
          200: Type.Object({ name: Type.String(), version: Type.Integer(), card: Type.String() }),
          ...problemResponses(404),
        },
      },
    },
    async ({ params: { name, version } }) => {
      return { name, version, card: await modelCardOf(app, name, version) }
    },
  )

  server.get(
    '/api/v1/models/:name/diff',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'compareVersions',
        summary: 'What tells two versions of a model apart',
        params: Type.Object({ name: Name }),
        querystring: Type.Object({ a: VersionNumber, b: VersionNumber }),
        response: {
          200: Type.Object({
            model: Type.String(),
            a: Type.Integer(),
            b: Type.Integer(),
            sameRecipe: Type.Boolean(),
            sameWeights: Type.Boolean(),
            differences: Type.Array(
              Type.Object({ section: Type.String(), name: Type.String(), a: Fact, b: Fact }),
            ),
          }),
          ...problemResponses(404),
        },
      },
    },
    async ({ params: { name }, query: { a, b } }) => {
      const difference = await compareVersions(app, name, [a, b])
      return { ...difference, differences: [...difference.differences] }
    },
  )
}
