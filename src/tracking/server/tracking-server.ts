/** An HTTP server that speaks MLflow's REST API over a tracking store. */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { ArtifactPlaces } from '../store/artifact-directory.ts'
import { invalid } from '../tracking-rules.ts'
import type { TrackingStore } from '../tracking-store.ts'
import { type ErrorReply, errorReplyOf } from './error-reply.ts'
import { type AccessPolicy, assertBindAllowed, refusalOf } from './request-guards.ts'
import type { Route } from './route.ts'
import { ARTIFACT_LIST_ROUTES, artifactFileRoutes } from './routes/artifact-routes.ts'
import { EXPERIMENT_ROUTES } from './routes/experiment-routes.ts'
import { LOGGED_MODEL_ROUTES } from './routes/logged-model-routes.ts'
import { METRIC_ROUTES } from './routes/metric-routes.ts'
import { MODEL_VERSION_ROUTES } from './routes/model-version-routes.ts'
import { REGISTERED_MODEL_ROUTES } from './routes/registered-model-routes.ts'
import { RUN_ROUTES } from './routes/run-routes.ts'
import { WireRequest } from './wire-request.ts'

export interface TrackingServerOptions {
  readonly store: TrackingStore
  readonly artifacts: ArtifactPlaces
  readonly access: AccessPolicy
  /** Told of failures that no request could have caused. */
  readonly onFault?: (error: unknown) => void
}

/** The release whose API this is; told to clients that ask for the server's version. */
const MLFLOW_RELEASE = '3.17.2'

/** Schemas and profiles of data sets are the largest things in JSON. */
const BODY_LIMIT_BYTES = 20_000_000

const ROUTES: readonly Route[] = [
  ...EXPERIMENT_ROUTES,
  ...RUN_ROUTES,
  ...METRIC_ROUTES,
  ...LOGGED_MODEL_ROUTES,
  ...REGISTERED_MODEL_ROUTES,
  ...MODEL_VERSION_ROUTES,
  ...ARTIFACT_LIST_ROUTES,
]

/**
 * The server, not yet listening; `listen` and `close` are Fastify's. Closing it leaves the store open.
 *
 * @throws {TickerflowError} CONFIG_INVALID for an address beyond this machine without a key.
 */
export function createTrackingServer(options: TrackingServerOptions): FastifyInstance {
  assertBindAllowed(options.access)
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1000 },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_: unknown, body: string) => parsedJson(body),
  )
  addGuards(app, options.access)
  addErrors(app, options.onFault)
  addServerRoutes(app)
  for (const base of ['/api', '/ajax-api']) {
    for (const route of ROUTES) addRoute(app, { base: `${base}/2.0/mlflow`, route }, options.store)
    app.register(artifactFileRoutes(options.artifacts), { prefix: `${base}/2.0/mlflow-artifacts` })
  }
  return app
}

function addGuards(app: FastifyInstance, access: AccessPolicy): void {
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(access, request.headers, request.url.split('?')[0] ?? '')
    if (refusal === undefined) return
    if (refusal.status === 401) reply.header('www-authenticate', 'Basic realm="tracking"')
    return reply.code(refusal.status).send(bodyOf(refusal))
  })
}

function addErrors(app: FastifyInstance, onFault: ((error: unknown) => void) | undefined): void {
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const failure = errorReplyOf(error)
    if (failure.status >= 500) onFault?.(error)
    return reply.code(failure.status).send(bodyOf(failure))
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error_code: 'ENDPOINT_NOT_FOUND',
      message: `There is no route ${request.method} ${request.url.split('?')[0]} here.`,
    }),
  )
}

function addServerRoutes(app: FastifyInstance): void {
  app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/version', async (_request, reply) => reply.type('text/plain').send(MLFLOW_RELEASE))
  for (const base of ['/api', '/ajax-api']) {
    app.get(`${base}/3.0/mlflow/server-info`, async () => ({
      store_type: 'SqlStore',
      multipart_uploads_enabled: false,
      multipart_downloads_enabled: false,
      trace_archival_enabled: false,
      workspaces_enabled: false,
    }))
  }
}

function addRoute(
  app: FastifyInstance,
  { base, route }: { readonly base: string; readonly route: Route },
  store: TrackingStore,
): void {
  app.route({
    method: [...route.methods],
    url: `${base}${route.path}`,
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    handler: async (request) => route.handle(wireRequestOf(request), store),
  })
}

/** The body where there is one, else the query; the parts of the path win over both. */
function wireRequestOf(request: FastifyRequest): WireRequest {
  const { body, query, params } = request
  const given = body === undefined || body === null ? query : body
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('The request body is not a JSON object.')
  }
  return new WireRequest({ ...given, ...(params as Record<string, string>) })
}

function parsedJson(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('The request body is not valid JSON.')
  }
}

function bodyOf({ error_code, message }: ErrorReply) {
  return { error_code, message }
}
