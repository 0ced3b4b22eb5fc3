/** MLflow's REST API as routes for any HTTP server of the program. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ArtifactPlaces } from '../store/artifact-directory.ts'
import { invalid } from '../tracking-rules.ts'
import type { TrackingStore } from '../tracking-store.ts'
import { type ErrorReply, errorReplyOf } from './error-reply.ts'
import type { ReadThread } from './read-thread.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/all-routes.ts'
import { artifactFileRoutes } from './routes/artifact-routes.ts'
import { WireRequest } from './wire-request.ts'

export interface TrackingRoutesOptions {
  readonly store: TrackingStore
  readonly artifacts: ArtifactPlaces
  /** Answers searches and histories; without one they take turns with everything else. */
  readonly readThread?: ReadThread | undefined
  /**
   * Runs before everything else on every one of these routes, unknown ones included; refuses a
   * request by sending a reply. `credentialOf` reads the key that MLflow's clients send.
   */
  readonly authenticate?: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** Told of failures that no request could have caused. */
  readonly onFault?: (error: unknown) => void
}

/** Schemas and profiles of data sets are the largest things in JSON. */
const BODY_LIMIT_BYTES = 20_000_000

/** For `Fastify({ routerOptions })` of the server that has the routes: tags are named in paths. */
export const TRACKING_ROUTER_OPTIONS = { maxParamLength: 1000 } as const

/**
 * Adds `/api/2.0/mlflow…`, `/api/3.0/mlflow…` and the same under `/ajax-api`, with parsers, failures
 * and unknown routes of their own: the server's other routes are not touched.
 *
 * @example
 * const app = Fastify({ routerOptions: TRACKING_ROUTER_OPTIONS })
 * registerTrackingRoutes(app, { store, artifacts, authenticate: async (request, reply) => {
 *   if (!isKey(credentialOf(request.headers.authorization))) return reply.code(401).send(refusal)
 * } })
 */
export function registerTrackingRoutes(app: FastifyInstance, options: TrackingRoutesOptions): void {
  for (const base of ['/api', '/ajax-api']) {
    app.register(async (scope) => addRoutes(scope, options), { prefix: `${base}/2.0` })
    app.register(async (scope) => addServerInfo(scope, options), { prefix: `${base}/3.0` })
  }
}

/** The body of a failure. */
export function bodyOf({ error_code, message }: ErrorReply) {
  return { error_code, message }
}

function addRoutes(app: FastifyInstance, options: TrackingRoutesOptions): void {
  addConventions(app, options)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
    async (_: unknown, body: string) => parsedJson(body),
  )
  for (const route of ROUTES) addRoute(app, route, options)
  app.register(artifactFileRoutes(options.artifacts), { prefix: '/mlflow-artifacts' })
}

function addServerInfo(app: FastifyInstance, options: TrackingRoutesOptions): void {
  addConventions(app, options)
  app.get('/mlflow/server-info', async () => ({
    store_type: 'SqlStore',
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
    trace_archival_enabled: false,
    workspaces_enabled: false,
  }))
}

/** Who may pass, and how failures are said. */
export function addConventions(
  app: FastifyInstance,
  { authenticate, onFault }: Pick<TrackingRoutesOptions, 'authenticate' | 'onFault'>,
): void {
  if (authenticate !== undefined) app.addHook('onRequest', authenticate)
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

function addRoute(app: FastifyInstance, route: Route, options: TrackingRoutesOptions): void {
  const { store, readThread } = options
  app.route({
    method: [...route.methods],
    url: `/mlflow${route.path}`,
    bodyLimit: route.bodyLimit ?? BODY_LIMIT_BYTES,
    handler: async (request, reply) => {
      const fields = fieldsOf(request)
      if (!route.aside || readThread === undefined) {
        return route.handle(new WireRequest(fields), store)
      }
      const json = await readThread.read(route.path, fields)
      return reply.type('application/json; charset=utf-8').send(json)
    },
  })
}

/** The body where there is one, else the query; the parts of the path win over both. */
function fieldsOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { body, query, params } = request
  const given = body === undefined || body === null ? query : body
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('The request body is not a JSON object.')
  }
  return { ...given, ...(params as Record<string, string>) }
}

function parsedJson(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('The request body is not valid JSON.')
  }
}
