/** `/api/v1/forecasts`: from the stored bars of a symbol, of many, or from the caller's own. */
import { Type } from 'typebox'
import { parseSymbol } from '../../market/symbol.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import type { ForecastQuestion } from '../forecasts/forecast-desk.ts'
import {
  ForecastAnswer,
  ForecastBody,
  ForecastQuery,
  ForecastsAnswer,
  type SymbolProblem,
  SymbolText,
} from '../forecasts/forecast-schemas.ts'
import { failureOf, problemOf, problemResponses } from '../http/problem.ts'
import { Refusal } from '../refusal.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'predict' } as const

export function forecastRoutes(server: TypedServer, context: ServingContext): void {
  const answerTimed = timed(context)
  // The schema refuses `__proto__` and `constructor`; to look for them in the text of many bars first
  // takes a tenth as long as the forecast.
  const parseJson = server.getDefaultJsonParser('ignore', 'ignore')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson)
  server.get(
    '/api/v1/forecasts/:symbol',
    {
      config,
      schema: {
        tags: ['forecasts'],
        operationId: 'getForecast',
        summary: 'Forecast from the stored bars of a symbol',
        params: Type.Object({ symbol: SymbolText }),
        querystring: ForecastQuery,
        response: { 200: ForecastAnswer, ...problemResponses(404, 422, 507) },
      },
    },
    async ({ id, params, query }) =>
      await answerTimed({ ...query, symbol: params.symbol, requestId: id }),
  )
  server.post(
    '/api/v1/forecasts',
    {
      config,
      schema: {
        tags: ['forecasts'],
        operationId: 'postForecasts',
        summary: "Forecasts of many symbols, or one from the caller's own bars",
        body: ForecastBody,
        response: { 200: ForecastsAnswer, ...problemResponses(404, 413, 415, 422, 507) },
      },
    },
    async ({ id: requestId, body }) => {
      const { symbols, symbol, bars, ...rest } = body
      if (symbols !== undefined && symbol === undefined && bars === undefined) {
        return await answerMany(answerTimed, symbols, { ...rest, requestId })
      }
      if (symbols === undefined && symbol !== undefined && bars !== undefined) {
        const forecast = await answerTimed({ ...rest, symbol, bars, requestId })
        return { forecasts: [forecast], problems: [] }
      }
      const detail = "The body needs either 'symbols', or 'symbol' together with 'bars'."
      throw new Refusal({ status: 400, type: 'request-invalid', detail })
    },
  )
}

type Answer = (question: ForecastQuestion) => Promise<ForecastAnswer>

function timed({ app, desk, metrics }: ServingContext): Answer {
  return async (question) => {
    const startedMs = app.stopwatch()
    try {
      const answer = await desk.answer(question)
      metrics.inferred(answer.model, answer.version, (app.stopwatch() - startedMs) / 1000)
      if (question.bars === undefined && question.asOf === undefined) {
        metrics.dataAge(answer.symbol, answer.dataAgeSessions)
      }
      return answer
    } catch (error) {
      metrics.failed(askedModel(question, failureOf(error).status))
      throw error
    }
  }
}

/** The model that refused. Names that are no model's are not counted apart: anybody can think of them. */
function askedModel({ symbol, model }: ForecastQuestion, status: number): string {
  return status === 422 ? (model ?? forecasterName(parseSymbol(symbol))) : 'unknown'
}

/** One symbol after the other, with room for other requests between them. */
async function answerMany(
  answer: Answer,
  symbols: readonly string[],
  rest: Omit<ForecastQuestion, 'symbol'>,
): Promise<ForecastsAnswer> {
  const forecasts: ForecastAnswer[] = []
  const problems: SymbolProblem[] = []
  for (const symbol of new Set(symbols)) {
    try {
      forecasts.push(await answer({ ...rest, symbol }))
    } catch (error) {
      const { type, status, detail } = problemOf(failureOf(error), rest.requestId)
      problems.push({ symbol, type, status, detail })
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { forecasts, problems }
}
