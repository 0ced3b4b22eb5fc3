/** MLflow's scoring protocol: `/invocations`, `/ping`, `/version`. */
import Papa from 'papaparse'
import { Type } from 'typebox'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { problemResponses } from '../http/problem.ts'
import { predictColumns } from '../models/predict-columns.ts'
import type { ServedModel } from '../models/served-model.ts'
import { Refusal } from '../refusal.ts'
import { servedModel } from './inference-routes.ts'
import { rowsOfTable, tableOfCsv } from './scoring-tables.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

/** The release whose scoring protocol and REST API these are. */
const MLFLOW_RELEASE = '3.17.2'
const open = { scope: 'open' } as const

const Table = Type.Object(
  {
    dataframe_split: Type.Optional(
      Type.Object({
        columns: Type.Optional(Type.Array(Type.Unknown())),
        index: Type.Optional(Type.Array(Type.Unknown())),
        data: Type.Array(Type.Array(Type.Unknown())),
      }),
    ),
    dataframe_records: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    instances: Type.Optional(Type.Array(Type.Unknown())),
    inputs: Type.Optional(Type.Unknown()),
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    signature_name: Type.Optional(Type.String()),
  },
  { description: 'One of `dataframe_split`, `dataframe_records`, `instances`, `inputs`.' },
)

const Predictions = Type.Object({
  predictions: Type.Array(
    Type.Object({
      location: Type.Number(),
      scale: Type.Number(),
      degrees_of_freedom: Type.Number(),
    }),
  ),
})

export function scoringRoutes(server: TypedServer, context: ServingContext): void {
  server.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) => {
    const { data, errors } = Papa.parse<string[]>(String(text).trim())
    const [error] = errors.filter(({ type }) => type === 'Quotes')
    if (error !== undefined) done(invalidCsv(error.message))
    else done(null, tableOfCsv(data))
  })
  server.post(
    '/invocations',
    {
      config: { scope: 'predict' },
      schema: {
        tags: ['scoring'],
        operationId: 'invoke',
        summary: 'Distributions from a table of the columns of the model',
        description:
          'Answered by the model of the configured symbol, else by the only one that is live.',
        body: Table,
        response: { 200: Predictions, ...problemResponses(404, 413, 415, 422) },
      },
    },
    async ({ body }) => {
      const startedMs = context.app.stopwatch()
      const model = await defaultModel(context)
      const predictions = predictColumns(model, rowsOfTable(model.columns.names, body))
      const seconds = (context.app.stopwatch() - startedMs) / 1000
      context.metrics.inferred(model.name, model.version, seconds)
      return {
        predictions: predictions.map(({ location, scale, degreesOfFreedom }) => ({
          location,
          scale,
          degrees_of_freedom: degreesOfFreedom,
        })),
      }
    },
  )
  addPages(server, context)
}

function addPages(server: TypedServer, context: ServingContext): void {
  const text = { 200: { content: { 'text/plain': { schema: Type.String() } } } }
  for (const path of ['/ping', '/health'] as const) {
    server.get(
      path,
      {
        config: open,
        schema: {
          tags: ['scoring'],
          operationId: path === '/ping' ? 'ping' : 'health',
          summary: 'Whether a model is loaded',
          response: { ...text, ...problemResponses(404) },
        },
      },
      async (_request, reply) => {
        if (context.models.loaded().length === 0) {
          const detail = 'No model in Production is loaded.'
          throw new Refusal({ status: 404, type: 'nothing-in-production', detail })
        }
        return await reply.type('text/plain').send('\n')
      },
    )
  }
  server.get(
    '/version',
    {
      config: open,
      schema: {
        tags: ['scoring'],
        operationId: 'getVersion',
        summary: 'The MLflow release whose protocol this is',
        response: { ...text, ...problemResponses() },
      },
    },
    async (_request, reply) => await reply.type('text/plain').send(MLFLOW_RELEASE),
  )
}

async function defaultModel(context: ServingContext): Promise<ServedModel> {
  const name = forecasterName(context.config.symbol)
  if ((await context.models.answering(name)) !== undefined) {
    return await servedModel(context, { model: name })
  }
  const loaded = context.models.loaded()
  const [only] = loaded
  return await servedModel(context, { model: loaded.length === 1 && only ? only.name : name })
}

function invalidCsv(message: string): Refusal {
  return new Refusal({ status: 400, type: 'request-invalid', detail: `Not CSV: ${message}.` })
}
