/** `/v2`: the Open Inference Protocol, as KServe, Triton and MLServer speak it. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { appendAudit } from '../../registry/audit-log.ts'
import { actorOf } from '../access/principal.ts'
import { problemResponses } from '../http/problem.ts'
import { predictColumns } from '../models/predict-columns.ts'
import type { ServedModel } from '../models/served-model.ts'
import { Refusal } from '../refusal.ts'
import { InferRequest, InferResponse, ModelMetadata } from './inference-schemas.ts'
import { responseOf, rowsOfTensors } from './inference-tensors.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const read = { scope: 'read' } as const
const predict = { scope: 'predict' } as const
const open = { scope: 'open' } as const

const ByName = Type.Object({ model: Type.String({ maxLength: 250 }) })
const ByVersion = Type.Object({
  model: Type.String({ maxLength: 250 }),
  version: Type.String({ maxLength: 20 }),
})
const Health = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() })
const ReadyModel = Type.Object({ name: Type.String(), ready: Type.Boolean() })
const IndexEntry = Type.Object({
  name: Type.String(),
  version: Type.String(),
  state: Type.String(),
  reason: Type.String(),
})

interface Asked {
  readonly model: string
  readonly version?: string
}

export function inferenceRoutes(server: TypedServer, context: ServingContext): void {
  acceptUnnamedJson(server)
  addServerRoutes(server, context)
  addRepositoryRoutes(server, context)
  for (const [path, params, suffix] of [
    ['/v2/models/:model', ByName, ''],
    ['/v2/models/:model/versions/:version', ByVersion, 'Version'],
  ] as const) {
    server.get(
      path,
      {
        config: read,
        schema: {
          ...docs(`getModelMetadata${suffix}`, 'Inputs and outputs of a model'),
          params,
          response: { 200: ModelMetadata, ...problemResponses(404) },
        },
      },
      async (request) => metadataOf(await servedModel(context, request.params as Asked)),
    )
    server.get(
      `${path}/ready`,
      {
        config: open,
        schema: {
          ...docs(`isModelReady${suffix}`, 'Whether a model can answer'),
          params,
          response: { 200: ReadyModel, ...problemResponses(404) },
        },
      },
      async (request) => {
        const { name } = await servedModel(context, request.params as Asked)
        return { name, ready: true }
      },
    )
    server.post(
      `${path}/infer`,
      {
        config: predict,
        schema: {
          ...docs(`infer${suffix}`, 'Distributions from the columns of the model'),
          params,
          body: InferRequest,
          response: { 200: InferResponse, ...problemResponses(404, 413, 415, 422) },
        },
      },
      async (request) => {
        const { body, params: asked } = request
        const startedMs = context.app.stopwatch()
        const model = await servedModel(context, asked as Asked)
        const predictions = predictColumns(model, rowsOfTensors(model.columns.names, body.inputs))
        const seconds = (context.app.stopwatch() - startedMs) / 1000
        context.metrics.inferred(model.name, model.version, seconds)
        return responseOf(model, predictions, body)
      },
    )
  }
}

/** Triton's own client sends JSON without saying so. */
function acceptUnnamedJson(server: TypedServer): void {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, text, done) => {
    const type = request.headers['content-type']
    if (type === undefined) return parseJson(request, text as string, done)
    const detail = `The body has the type '${type}', expected application/json.`
    done(new Refusal({ status: 415, type: 'media-type-unsupported', detail }))
  })
}

function docs(operationId: string, summary: string) {
  return { tags: ['inference'], operationId, summary }
}

function addServerRoutes(server: TypedServer, context: ServingContext): void {
  server.get(
    '/v2',
    {
      config: open,
      schema: {
        ...docs('getServerMetadata', 'Name and version of the server'),
        response: {
          200: Type.Object({
            name: Type.String(),
            version: Type.String(),
            extensions: Type.Array(Type.String()),
          }),
          ...problemResponses(),
        },
      },
    },
    async () => ({ name: 'tickerflow', version: '1', extensions: ['model_repository'] }),
  )
  for (const state of ['live', 'ready'] as const) {
    server.get(
      `/v2/health/${state}`,
      {
        config: open,
        schema: {
          ...docs(
            `isServer${state === 'live' ? 'Live' : 'Ready'}`,
            `Whether the server is ${state}`,
          ),
          response: { 200: Health, ...problemResponses(), 503: Health },
        },
      },
      async (_request, reply) => {
        const ready = context.models.loaded().length > 0
        const code = state === 'live' || ready ? 200 : 503
        return await reply.code(code).send({ live: true, ready })
      },
    )
  }
  server.post(
    '/v2/repository/index',
    {
      config: read,
      schema: {
        ...docs('getRepositoryIndex', 'Models in memory'),
        body: Type.Optional(
          Type.Union([Type.Object({ ready: Type.Optional(Type.Boolean()) }), Type.Null()]),
        ),
        response: { 200: Type.Array(IndexEntry), ...problemResponses(413, 415) },
      },
    },
    async () =>
      context.models.loaded().map(({ name, version }) => ({
        name,
        version: String(version),
        state: 'READY',
        reason: '',
      })),
  )
}

/** What is loaded is always what is live: loading brings it to memory, unloading frees that. */
function addRepositoryRoutes(server: TypedServer, context: ServingContext): void {
  const change = async (request: FastifyRequest, action: 'load' | 'unload', name: string) => {
    const served = await servedModel(context, { model: name })
    if (action === 'unload') context.models.unload(name)
    const { database, clock } = context.app
    const fields = {
      model: name,
      version: served.version,
      by: actorOf(request.principal, context.app.user),
    }
    appendAudit(database, { atMs: clock(), event: `model-${action}`, fields })
    return {}
  }
  for (const action of ['load', 'unload'] as const) {
    server.post(
      `/v2/repository/models/:model/${action}`,
      {
        config: { scope: 'admin' },
        schema: {
          ...docs(
            action === 'load' ? 'loadModel' : 'unloadModel',
            action === 'load'
              ? 'Bring the live version of a model to memory'
              : 'Free the memory of a model until it is asked for again',
          ),
          params: ByName,
          body: Type.Optional(Type.Union([Type.Object({}), Type.Null()])),
          response: { 200: Type.Object({}), ...problemResponses(404, 413, 415) },
        },
      },
      async (request) => await change(request, action, request.params.model),
    )
  }
}

/** @throws {Refusal} 404 unless the version is live: nothing else is served under any name. */
export async function servedModel(
  { models }: ServingContext,
  { model: name, version }: Asked,
): Promise<ServedModel> {
  const production = await models.answering(name)
  const isAsked = (model: ServedModel | undefined): model is ServedModel =>
    model !== undefined && (version === undefined || version === String(model.version))
  if (isAsked(production)) return production
  const staging = version === undefined ? undefined : await models.answering(name, 'staging')
  if (isAsked(staging)) return staging
  const what = version === undefined ? name : `${name} version ${version}`
  const detail = `${what} is not live. Only versions whose promotion was committed are served.`
  throw new Refusal({ status: 404, type: 'nothing-in-production', detail })
}

function metadataOf({ name, version, columns, kind }: ServedModel) {
  return {
    name,
    versions: [String(version)],
    platform: `tickerflow_${kind}`,
    inputs: [{ name: 'features', datatype: 'FP64', shape: [-1, columns.names.length] }],
    outputs: ['location', 'scale', 'degrees_of_freedom'].map((output) => ({
      name: output,
      datatype: 'FP64',
      shape: [-1, 1],
    })),
    properties: { columns: columns.names.join(',') },
  }
}
