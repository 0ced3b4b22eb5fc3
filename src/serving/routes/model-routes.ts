/** `/api/v1/models` and `/api/v1/runs`: what is registered, what is live, how it came to be. */
import { Type } from 'typebox'
import { liveAt, liveVersion, promotionsOf } from '../../registry/promotion-journal.ts'
import type { ModelVersion, Run } from '../../tracking/tracking-store.ts'
import { problemResponses } from '../http/problem.ts'
import { Refusal } from '../refusal.ts'
import { Instant, iso, PromotionDocument, promotionDocument } from './promotion-document.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const
const Texts = Type.Record(Type.String(), Type.String())
const LiveNumber = Type.Union([Type.Integer(), Type.Null()], { description: 'Version number.' })
const ModelParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 250 }) })
const Page = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  page: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/=_-]{1,1000}$',
      description: '`nextPage` of the page before.',
    }),
  ),
})
const NextPage = Type.Union([Type.String(), Type.Null()])

const ModelSummary = Type.Object({
  name: Type.String(),
  description: Type.String(),
  production: LiveNumber,
  staging: LiveNumber,
})

const VersionDocument = Type.Object({
  version: Type.Integer(),
  live: Type.Boolean(),
  description: Type.String(),
  runId: Type.Union([Type.String(), Type.Null()]),
  createdAt: Instant,
  tags: Texts,
})

const RunSummary = Type.Object({
  id: Type.String(),
  name: Type.String(),
  experimentId: Type.String(),
  status: Type.String(),
  startedAt: Instant,
  endedAt: Instant,
  params: Texts,
  metrics: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
  tags: Texts,
})

export function modelRoutes(server: TypedServer, { app }: ServingContext): void {
  const { tracking, database } = app
  const live = (model: string, environment: 'production' | 'staging') =>
    liveVersion(database, { model, environment }) ?? null

  server.get(
    '/api/v1/models',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'listModels',
        summary: 'Registered models',
        querystring: Page,
        response: {
          200: Type.Object({ models: Type.Array(ModelSummary), nextPage: NextPage }),
          ...problemResponses(),
        },
      },
    },
    async ({ query }) => {
      const { items, nextPageToken } = await tracking.listRegisteredModels(pageOf(query))
      const models = items.map(({ name, description }) => ({
        name,
        description,
        production: live(name, 'production'),
        staging: live(name, 'staging'),
      }))
      return { models, nextPage: nextPageToken ?? null }
    },
  )

  server.get(
    '/api/v1/models/:name',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'getModel',
        summary: 'One model with its versions',
        params: ModelParams,
        response: {
          200: Type.Object({ ...ModelSummary.properties, versions: Type.Array(VersionDocument) }),
          ...problemResponses(404),
        },
      },
    },
    async ({ params }) => {
      const { name, description } = await tracking.getRegisteredModel(params.name)
      const { items } = await tracking.listModelVersions(name)
      const production = live(name, 'production')
      const versions = items.map((version) => versionDocument(version, production))
      return { name, description, production, staging: live(name, 'staging'), versions }
    },
  )

  server.get(
    '/api/v1/models/:name/history',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'getModelHistory',
        summary: 'Every promotion that was asked for, and what was in Production at an instant',
        params: ModelParams,
        querystring: Type.Object({
          at: Type.Optional(
            Type.String({ maxLength: 40, description: 'ISO 8601; left out: now.' }),
          ),
        }),
        response: {
          200: Type.Object({
            name: Type.String(),
            at: Type.String(),
            production: Type.Union([PromotionDocument, Type.Null()]),
            promotions: Type.Array(PromotionDocument),
          }),
          ...problemResponses(404),
        },
      },
    },
    async ({ params, query }) => {
      const { name } = await tracking.getRegisteredModel(params.name)
      const atMs = query.at === undefined ? app.clock() : instantOf(query.at)
      const then = liveAt(database, { model: name, environment: 'production' }, atMs)
      return {
        name,
        at: new Date(atMs).toISOString(),
        production: then === undefined ? null : promotionDocument(then),
        promotions: promotionsOf(database, name).map(promotionDocument),
      }
    },
  )

  server.get(
    '/api/v1/runs',
    {
      config,
      schema: {
        tags: ['models'],
        operationId: 'listRuns',
        summary: 'Tracked runs, newest first',
        querystring: Type.Object({
          ...Page.properties,
          experiment: Type.Optional(Type.String({ maxLength: 500, description: 'Name.' })),
        }),
        response: {
          200: Type.Object({ runs: Type.Array(RunSummary), nextPage: NextPage }),
          ...problemResponses(404),
        },
      },
    },
    async ({ query }) => {
      const experimentIds = await experimentIdsOf(app.tracking, query.experiment)
      const { items, nextPageToken } = await tracking.searchRuns({
        experimentIds,
        ...pageOf({ limit: 100, ...query }),
      })
      return { runs: items.map(runSummary), nextPage: nextPageToken ?? null }
    },
  )
}

function pageOf({ limit, page }: { readonly limit?: number; readonly page?: string }) {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(page === undefined ? {} : { pageToken: page }),
  }
}

async function experimentIdsOf(
  tracking: ServingContext['app']['tracking'],
  name: string | undefined,
): Promise<string[]> {
  if (name === undefined) return (await tracking.listExperiments()).items.map(({ id }) => id)
  const experiment = await tracking.getExperimentByName(name)
  if (experiment !== undefined) return [experiment.id]
  throw new Refusal({
    status: 404,
    type: 'not-found',
    detail: `There is no experiment of that name.`,
  })
}

function instantOf(text: string): number {
  const isZoned = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const instant = Date.parse(text)
  if (isZoned && Number.isFinite(instant)) return instant
  const detail = `'at' is not an instant. Expected ISO 8601 with its zone, such as 2013-03-01T21:00:00Z.`
  throw new Refusal({ status: 400, type: 'request-invalid', detail })
}

function versionDocument(version: ModelVersion, live: number | null) {
  const { description, tags, runId, createdAtMs } = version
  return {
    version: version.version,
    live: version.version === live,
    description,
    runId: runId ?? null,
    createdAt: iso(createdAtMs),
    tags: { ...tags },
  }
}

function runSummary(run: Run) {
  const { id, name, experimentId, status, params, tags } = run
  const metrics = run.metrics.map(
    ({ key, value }) => [key, Number.isFinite(value) ? value : null] as const,
  )
  return {
    id,
    name,
    experimentId,
    status,
    startedAt: iso(run.startTimeMs),
    endedAt: iso(run.endTimeMs),
    params: { ...params },
    metrics: Object.fromEntries(metrics),
    tags: { ...tags },
  }
}
