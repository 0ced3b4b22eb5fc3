/** The forecast server: every protocol and page that it offers, behind one guard. */
import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import underPressure from '@fastify/under-pressure'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { createCalendar } from '../market/calendar.ts'
import {
  registerTrackingRoutes,
  TRACKING_ROUTER_OPTIONS,
} from '../tracking/server/tracking-routes.ts'
import { type AccessOptions, addAccessGuard, assertBindAllowed } from './access/access-guard.ts'
import { createKeyMemory } from './access/key-memory.ts'
import { assertMayChange } from './access/tracking-access.ts'
import { dashboardRoutes } from './dashboard/dashboard-routes.ts'
import { createCalibrations } from './forecasts/calibrations.ts'
import { createCanary } from './forecasts/canary.ts'
import { createCompanionRecorder } from './forecasts/companions.ts'
import { createCurrentBars } from './forecasts/current-bars.ts'
import { createForecastDesk } from './forecasts/forecast-desk.ts'
import { addAccessLog, addRequestIds, requestIdOf } from './http/access-log.ts'
import { addProblems, sendFailure } from './http/problem-replies.ts'
import { addSecurityHeaders } from './http/security-headers.ts'
import { type TypeBoxProvider, typeboxValidatorCompiler } from './http/typebox-compiler.ts'
import { createServingMetrics } from './metrics.ts'
import { createLiveModels } from './models/live-models.ts'
import { addAlertGauge, addMonitoringGauges } from './monitoring-gauges.ts'
import { OPENAPI } from './openapi.ts'
import { Refusal } from './refusal.ts'
import { alertRoutes } from './routes/alert-routes.ts'
import { auditRoutes } from './routes/audit-routes.ts'
import { docsRoutes } from './routes/docs-routes.ts'
import { eventRoutes } from './routes/event-routes.ts'
import { forecastRoutes } from './routes/forecast-routes.ts'
import { inferenceRoutes } from './routes/inference-routes.ts'
import { issuedRoutes } from './routes/issued-routes.ts'
import { jobsRoutes } from './routes/jobs-routes.ts'
import { marketRoutes } from './routes/market-routes.ts'
import { modelRoutes } from './routes/model-routes.ts'
import { monitoringRoutes } from './routes/monitoring-routes.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import { promotionRoutes } from './routes/promotion-routes.ts'
import { scoringRoutes } from './routes/scoring-routes.ts'
import type { ServingContext } from './routes/serving-context.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { versionRoutes } from './routes/version-routes.ts'
import {
  DEFAULT_SERVING_LIMITS,
  type ServingLimits,
  type ServingOptions,
} from './serving-options.ts'

/**
 * The server, not yet listening; `listen` and `close` are Fastify's. Closing it answers what is under
 * way and leaves the application open.
 *
 * @throws {TickerflowError} CONFIG_INVALID for an address beyond this machine without authentication.
 */
export async function createForecastServer(options: ServingOptions): Promise<FastifyInstance> {
  const limits = { ...DEFAULT_SERVING_LIMITS, ...options.limits }
  const access = accessOf(options)
  const server = createBareServer(options, limits)
  addSecurityHeaders(server)
  addRequestIds(server)
  if (options.logger !== undefined) addAccessLog(server)
  const context = createContext(options, limits, server)
  context.metrics.watch(server)
  addProblems(server)
  await addTraffic(server, options, limits)
  addAccessGuard(server, access)
  await server.register(swagger, OPENAPI)
  for (const routes of [
    forecastRoutes,
    modelRoutes,
    versionRoutes,
    promotionRoutes,
    marketRoutes,
    inferenceRoutes,
    scoringRoutes,
    monitoringRoutes,
    alertRoutes,
    issuedRoutes,
    auditRoutes,
    jobsRoutes,
    eventRoutes,
    operationRoutes,
    docsRoutes,
  ]) {
    await server.register(async (scope) =>
      routes(scope.withTypeProvider<TypeBoxProvider>(), context),
    )
  }
  await server.register(async (scope) =>
    sessionRoutes(scope.withTypeProvider<TypeBoxProvider>(), access),
  )
  await server.register(async (scope) => dashboardRoutes(scope))
  addTracking(server, options)
  await server.ready()
  await warmUp(context)
  return server
}

/** A revoked key ends so much later where keys are looked up on another machine. */
const KEY_MEMORY_MS = 2_000

function accessOf({ access, app, config }: ServingOptions): AccessOptions {
  const { host, verifyToken } = access
  const authenticates = access.authenticates ?? false
  assertBindAllowed({
    host,
    authenticates,
    isOpenOnPurpose: access.isOpenOnPurpose ?? false,
    hasTokens: verifyToken !== undefined,
    database: app.database,
    nowMs: app.clock(),
  })
  const corsHosts = (access.corsOrigins ?? []).map((origin) => new URL(origin).hostname)
  const allowedHosts = [...(access.allowedHosts ?? []), ...corsHosts]
  const { database, clock } = app
  const principalOfKey = createKeyMemory({
    database,
    clock,
    stopwatch: app.stopwatch,
    rememberMs: config.state.postgres === undefined ? 0 : KEY_MEMORY_MS,
  })
  return { host, allowedHosts, authenticates, verifyToken, database, principalOfKey, clock }
}

function createBareServer({ app, logger }: ServingOptions, limits: ServingLimits): FastifyInstance {
  const server: FastifyInstance = Fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger as FastifyBaseLogger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: 3 * limits.requestTimeoutMs,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: TRACKING_ROUTER_OPTIONS,
    // Refused before there is a route, such as a broken escape in the path.
    frameworkErrors: (error, request, reply) => void sendFailure(request, reply, error),
    genReqId: (request) => requestIdOf(request.headers['x-request-id'], app.newId),
    // Slow heads are ended as slow bodies are.
    http: { headersTimeout: limits.requestTimeoutMs, connectionsCheckingInterval: 1_000 },
  })
  server.setValidatorCompiler(typeboxValidatorCompiler as never)
  return server
}

/** What starting took is in the first measurements of the event loop's delay, and is no pressure. */
const SETTLING_MS = 3_000

/** Whoever asks whether the process lives gets an answer: a restart would only make it worse. */
function refuseUnderPressure(stopwatch: () => number): (request: FastifyRequest) => void {
  const settledMs = stopwatch() + SETTLING_MS
  return (request) => {
    if (request.routeOptions.config.scope === 'open' || stopwatch() < settledMs) return
    const detail = 'The server has more to do than it can; try again shortly.'
    throw new Refusal({ status: 503, type: 'overloaded', detail, headers: { 'retry-after': '1' } })
  }
}

async function addTraffic(
  server: FastifyInstance,
  { access, app, sharedCounts }: ServingOptions,
  limits: ServingLimits,
): Promise<void> {
  await server.register(underPressure, {
    maxEventLoopDelay: limits.maxEventLoopDelayMs,
    pressureHandler: refuseUnderPressure(app.stopwatch),
  })
  if (access.corsOrigins !== undefined && access.corsOrigins.length > 0) {
    await server.register(cors, { origin: [...access.corsOrigins] })
  }
  await server.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    // After the guard, which says whose request it is.
    hook: 'preValidation',
    keyGenerator: (request) => request.principal?.name ?? request.ip,
    allowList: (request) => request.routeOptions.config.scope === 'open',
    ...(sharedCounts !== undefined && {
      redis: sharedCounts.redis,
      nameSpace: 'tickerflow-requests-',
      skipOnError: true,
    }),
  })
}

function createContext(
  options: ServingOptions,
  limits: ServingLimits,
  server: FastifyInstance,
): ServingContext {
  const { app, config, record } = options
  const metrics = createServingMetrics()
  addMonitoringGauges(metrics.registry, app)
  addAlertGauge(metrics.registry, app)
  const clusterMetrics = options.shareMetrics?.(metrics.registry)
  const models = createLiveModels({
    database: app.database,
    liveVersion: app.liveVersion,
    tracking: app.tracking,
    bars: app.bars,
    stopwatch: app.stopwatch,
    maxBytes: limits.modelBytes,
    loadTimeoutMs: limits.modelLoadTimeoutMs,
    onEvent(event) {
      metrics.onModelEvent(event)
      const { error, ...fields } = { error: undefined, ...event }
      if (error === undefined) server.log.info(fields, event.event)
      else server.log.error({ ...fields, err: error }, event.event)
    },
  })
  const market = createCurrentBars(app, config)
  const calendar = config.calendar === 'data' ? undefined : createCalendar(config.calendar)
  const desk = createForecastDesk({
    models,
    market,
    calendarOf: (bars) => calendar ?? createCalendar('data', bars),
    clock: app.clock,
    record,
    calibrated: createCalibrations({
      database: app.database,
      level: config.coverageObjective,
      stopwatch: app.stopwatch,
    }),
    routeOf: createCanary(options.canaryShare ?? 0),
    ...(record !== undefined && {
      onAnswered: createCompanionRecorder({
        app,
        record,
        onNote: (note) => server.log.warn({ event: 'companion-missing', note }, note),
      }),
    }),
    ...(options.shadows === true && {
      onShadow: ({ requestId, model, version, forecast, answered }) => {
        const { distribution } = forecast
        const fields = { reqId: requestId, model, version, answeredBy: answered.version }
        server.log.info({ event: 'shadow', ...fields, distribution }, 'shadow')
      },
    }),
  })
  return { app, config, models, market, desk, metrics, clusterMetrics }
}

/** MLflow's API of the embedded store: the guard of every route, and `admin` for what changes it. */
function addTracking(server: FastifyInstance, { app }: ServingOptions): void {
  registerTrackingRoutes(server, {
    store: app.tracking,
    authenticate: async (request) => assertMayChange(app, request),
    artifacts: {
      artifactsDirectory: app.directory.artifacts,
      tmpDirectory: app.directory.tmp,
    },
    onFault: (error) => server.log.error({ err: error }, 'tracking-fault'),
  })
}

/** Loads what is in Production, so that the first request does not wait; a broken one is reported. */
async function warmUp({ app, models, metrics }: ServingContext): Promise<void> {
  const { items } = await app.tracking.listRegisteredModels()
  for (const { name } of items) await models.answering(name).catch(() => metrics.failed(name))
}
