/** `/api/v1/symbols`: whose bars are stored, and the bars. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { SAMPLE_SYMBOLS } from '../../market/providers/sample.ts'
import { readSnapshotLog } from '../../market/snapshot-log.ts'
import { parseSymbol, symbolSlug } from '../../market/symbol.ts'
import { formatDay, parseIsoDate } from '../../market/trading-date.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { liveVersion } from '../../registry/promotion-journal.ts'
import { IsoDate, SymbolText } from '../forecasts/forecast-schemas.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const

const SymbolDocument = Type.Object({
  symbol: Type.String(),
  source: Type.String(),
  first: Type.Union([IsoDate, Type.Null()]),
  last: Type.Union([IsoDate, Type.Null()]),
  rows: Type.Union([Type.Integer(), Type.Null()]),
  digest: Type.Union([Type.String(), Type.Null()]),
  model: Type.String(),
  production: Type.Union([Type.Integer(), Type.Null()]),
})

const Numbers = Type.Array(Type.Number())

export function marketRoutes(server: TypedServer, context: ServingContext): void {
  server.get(
    '/api/v1/symbols',
    {
      config,
      schema: {
        tags: ['market'],
        operationId: 'listSymbols',
        summary: 'Symbols with bars, and the version that forecasts each',
        response: {
          200: Type.Object({ symbols: Type.Array(SymbolDocument) }),
          ...problemResponses(),
        },
      },
    },
    async () => ({ symbols: await symbolsOf(context) }),
  )
  server.get(
    '/api/v1/symbols/:symbol/bars',
    {
      config,
      schema: {
        tags: ['market'],
        operationId: 'getBars',
        summary: 'Stored daily bars, by column',
        params: Type.Object({ symbol: SymbolText }),
        querystring: Type.Object({
          from: Type.Optional(IsoDate),
          to: Type.Optional(IsoDate),
        }),
        response: {
          200: Type.Object({
            symbol: Type.String(),
            source: Type.String(),
            basis: Type.String(),
            digest: Type.String(),
            historical: Type.Boolean(),
            date: Type.Array(IsoDate),
            open: Numbers,
            high: Numbers,
            low: Numbers,
            close: Numbers,
            volume: Numbers,
          }),
          ...problemResponses(404, 422),
        },
      },
    },
    async ({ params, query }) => {
      const { bars, historical } = await context.market.of(parseSymbol(params.symbol))
      const from = dayOr(query.from, Number.NEGATIVE_INFINITY)
      const to = dayOr(query.to, Number.POSITIVE_INFINITY)
      const keep = (_: unknown, row: number) =>
        (bars.date[row] as number) >= from && (bars.date[row] as number) <= to
      const column = (values: Float64Array) => Array.from(values).filter(keep)
      const { symbol, source, basis, digest } = bars
      return {
        symbol,
        source,
        basis,
        digest,
        historical,
        date: Array.from(bars.date).filter(keep).map(formatDay),
        open: column(bars.open),
        high: column(bars.high),
        low: column(bars.low),
        close: column(bars.close),
        volume: column(bars.volume),
      }
    },
  )
}

function dayOr(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseIsoDate(text) ?? otherwise)
}

/** What is stored, then what the sample has besides. */
async function symbolsOf({ app }: ServingContext) {
  const slugs = await readdir(app.directory.bars).catch(() => [])
  const logs = slugs
    .toSorted()
    .map((slug) => readSnapshotLog(join(app.directory.bars, slug, 'history.jsonl')))
  const records = (await Promise.all(logs)).flat()
  // Different symbols can share a slug; of each, the last record is current.
  const current = new Map(records.map((record) => [record.symbol, record]))
  const stored = [...current.values()].map(({ symbol, source, first, last, rows, digest }) => ({
    symbol,
    source,
    first,
    last,
    rows,
    digest,
  }))
  const taken = new Set(stored.map(({ symbol }) => symbolSlug(symbol)))
  const sample = SAMPLE_SYMBOLS.filter((symbol) => !taken.has(symbolSlug(symbol))).map(
    (symbol) => ({ symbol, source: 'sample', first: null, last: null, rows: null, digest: null }),
  )
  return [...stored, ...sample].map((one) => {
    const model = forecasterName(one.symbol)
    const production = liveVersion(app.database, { model, environment: 'production' }) ?? null
    return { ...one, model, production }
  })
}
