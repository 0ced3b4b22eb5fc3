/** An HTTP server that speaks MLflow's REST API over a tracking store, and nothing else. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type AccessPolicy, assertBindAllowed, refusalOf } from './request-guards.ts'
import {
  addConventions,
  bodyOf,
  registerTrackingRoutes,
  TRACKING_ROUTER_OPTIONS,
  type TrackingRoutesOptions,
} from './tracking-routes.ts'

export interface TrackingServerOptions extends Omit<TrackingRoutesOptions, 'authenticate'> {
  readonly access: AccessPolicy
}

/** The release whose API this is; told to clients that ask for the server's version. */
const MLFLOW_RELEASE = '3.17.2'

/** No route has a schema: loading Fastify's compilers would be a seventh of the time to start. */
const NO_COMPILERS = { buildValidator: noCompiler, buildSerializer: noCompiler }

function noCompiler(): never {
  throw new TypeError('The routes of the tracking server have no schemas to compile.')
}

/**
 * The server, not yet listening; `listen` and `close` are Fastify's. Closing it leaves the store open.
 *
 * @throws {TickerflowError} CONFIG_INVALID for an address beyond this machine without a key.
 */
export function createTrackingServer(options: TrackingServerOptions): FastifyInstance {
  assertBindAllowed(options.access)
  const app = Fastify({
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: NO_COMPILERS },
    routerOptions: TRACKING_ROUTER_OPTIONS,
  })
  addConventions(app, { ...options, authenticate: guardOf(options.access) })
  app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/version', async (_request, reply) => reply.type('text/plain').send(MLFLOW_RELEASE))
  registerTrackingRoutes(app, options)
  return app
}

function guardOf(access: AccessPolicy) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(access, request.headers, request.url.split('?')[0] ?? '')
    if (refusal === undefined) return
    if (refusal.status === 401) reply.header('www-authenticate', 'Basic realm="tracking"')
    return reply.code(refusal.status).send(bodyOf(refusal))
  }
}
