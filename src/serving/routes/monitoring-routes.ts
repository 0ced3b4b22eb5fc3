/** `/api/v1/monitoring` and `/api/v1/ledger`: how the live models do, and the record that says so. */
import { Type } from 'typebox'
import { formatDay } from '../../market/trading-date.ts'
import type { LedgerLine } from '../../monitoring/ledger/ledger-line.ts'
import { chainHeads, ledgerDigest, ledgerPage } from '../../monitoring/ledger/verify-ledger.ts'
import { MonitoringReport } from '../../monitoring/monitoring-report.ts'
import { latestReports } from '../../monitoring/report-store.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const
const Head = Type.Object({ chain: Type.String(), seq: Type.Integer(), hash: Type.String() })
const Line = Type.Object({
  chain: Type.String(),
  seq: Type.Integer(),
  symbol: Type.String(),
  horizon: Type.Integer(),
  model: Type.String(),
  version: Type.Integer(),
  role: Type.String(),
  asOf: Type.String(),
  issuedAt: Type.String({ description: 'ISO 8601.' }),
  location: Type.Number(),
  scale: Type.Number(),
  degreesOfFreedom: Type.Union([Type.Number(), Type.Null()], {
    description: 'null: infinite, the normal distribution.',
  }),
  referenceClose: Type.Number(),
  inputs: Type.String({ description: 'SHA-256 of the bars.' }),
  late: Type.Boolean(),
  hash: Type.String(),
})

export function monitoringRoutes(server: TypedServer, { app }: ServingContext): void {
  server.get(
    '/api/v1/monitoring/:name',
    {
      config,
      schema: {
        tags: ['monitoring'],
        operationId: 'getMonitoring',
        summary: 'The latest monitoring report of a model, and those before it',
        params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 250 }) }),
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: {
          200: Type.Object({
            latest: Type.Union([MonitoringReport, Type.Null()]),
            history: Type.Array(MonitoringReport, {
              description: 'Newest first, latest included.',
            }),
          }),
          ...problemResponses(),
        },
      },
    },
    async ({ params, query }) => {
      const history = [...latestReports(app.database, params.name, query.limit ?? 50)]
      return { latest: history[0] ?? null, history }
    },
  )
  server.get(
    '/api/v1/ledger',
    {
      config,
      schema: {
        tags: ['monitoring'],
        operationId: 'getLedger',
        summary: 'Lines of the forecast ledger, the newest first, and the ends of its chains',
        querystring: Type.Object({
          chain: Type.Optional(Type.String({ maxLength: 250, description: 'Of this writer.' })),
          before: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Lines with smaller numbers; needs `chain`.' }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: {
          200: Type.Object({
            lines: Type.Array(Line),
            heads: Type.Array(Head),
            digest: Type.String({ description: 'SHA-256 over the heads.' }),
          }),
          ...problemResponses(),
        },
      },
    },
    async ({ query: { chain, before, limit = 100 } }) => {
      const heads = chainHeads(app.database)
      const chosen = chain ?? heads[0]?.chain
      const lines =
        chosen === undefined ? [] : ledgerPage(app.database, { chain: chosen, before, limit })
      return { lines: lines.map(lineDocument), heads: [...heads], digest: ledgerDigest(heads) }
    },
  )
}

function lineDocument({ distribution, asOf, issuedAtMs, ...line }: LedgerLine) {
  const { location, scale, degreesOfFreedom } = distribution
  return {
    ...line,
    asOf: formatDay(asOf),
    issuedAt: new Date(issuedAtMs).toISOString(),
    location,
    scale,
    degreesOfFreedom: degreesOfFreedom === Infinity ? null : degreesOfFreedom,
  }
}
