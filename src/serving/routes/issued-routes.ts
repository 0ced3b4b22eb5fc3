/** `/api/v1/symbols/…/issued`: past forecasts of a symbol beside what happened. */
import { Type } from 'typebox'
import { priceInterval, priceQuantile } from '../../forecast/forecast.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { formatDay } from '../../market/trading-date.ts'
import { recentForecasts, type SettledForecast } from '../../monitoring/ledger/recent-forecasts.ts'
import { exp } from '../../numerics/elementary.ts'
import { SymbolText } from '../forecasts/forecast-schemas.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const Figure = Type.Union([Type.Number(), Type.Null()], { description: 'null while pending.' })

const Issued = Type.Object({
  asOf: Type.String({ description: 'YYYY-MM-DD.' }),
  horizon: Type.Integer({ description: 'Sessions ahead.' }),
  model: Type.String(),
  version: Type.Integer({ description: '0: not a registered version, such as a baseline.' }),
  role: Type.String(),
  issuedAt: Type.String({ description: 'ISO 8601.' }),
  referenceClose: Type.Number(),
  median: Type.Number(),
  low80: Type.Number(),
  high80: Type.Number(),
  low95: Type.Number(),
  high95: Type.Number(),
  outcome: Figure,
  crps: Figure,
})

export function issuedRoutes(server: TypedServer, { app }: ServingContext): void {
  server.get(
    '/api/v1/symbols/:symbol/issued',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['monitoring'],
        operationId: 'getIssuedForecasts',
        summary: 'Forecasts of a symbol that were issued, the newest first, with their outcomes',
        params: Type.Object({ symbol: SymbolText }),
        querystring: Type.Object({
          role: Type.Optional(
            Type.Enum(['champion', 'shadow', 'previous', 'baseline', 'supplied']),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: {
          200: Type.Object({ symbol: Type.String(), forecasts: Type.Array(Issued) }),
          ...problemResponses(),
        },
      },
    },
    async ({ params, query: { role = 'champion', limit = 250 } }) => {
      const symbol = parseSymbol(params.symbol)
      const forecasts = recentForecasts(app.database, { symbol, role, limit })
      return { symbol, forecasts: forecasts.map(issuedDocument) }
    },
  )
}

function issuedDocument(forecast: SettledForecast) {
  const { asOf, horizon, model, version, role, referenceClose, outcome, crps } = forecast
  const [low80, high80] = priceInterval(forecast, 0.8)
  const [low95, high95] = priceInterval(forecast, 0.95)
  return {
    ...{ horizon, model, version, role, referenceClose, low80, high80, low95, high95 },
    asOf: formatDay(asOf),
    issuedAt: new Date(forecast.issuedAtMs).toISOString(),
    median: priceQuantile(forecast, 0.5),
    outcome: outcome === undefined ? null : referenceClose * exp(outcome),
    crps: crps ?? null,
  }
}
