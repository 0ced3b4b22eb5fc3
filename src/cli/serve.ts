/** `tickerflow serve`: the forecast server, as one process or as several that share the port. */
import cluster from 'node:cluster'
import { hostname } from 'node:os'
import pino, { type Logger } from 'pino'
import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { createCalendar } from '../market/calendar.ts'
import { createTokenVerifier, type VerifyToken } from '../serving/access/bearer-tokens.ts'
import { createLedgerRecorder } from '../serving/forecasts/ledger-recorder.ts'
import { openSharedCounts, type SharedCounts } from '../serving/http/shared-counts.ts'
import { createForecastServer } from '../serving/server.ts'
import { colours } from './colours.ts'
import { type CommandContext, type GlobalOptions, withContext } from './context.ts'
import { shareMetrics, superviseWorkers } from './serve-cluster.ts'

export interface ServeOptions extends GlobalOptions {
  readonly host: string
  readonly port: number
  readonly workers: number
  readonly auth?: boolean
  readonly insecure?: boolean
  readonly allowedHost?: readonly string[]
  readonly corsOrigin?: readonly string[]
  readonly oidcIssuer?: string
  readonly oidcAudience: string
  readonly oidcJwks?: string
  readonly rateLimit: number
  readonly canary?: number
  readonly shadow?: boolean
  readonly logLevel: string
}

/** While one request waits for the state, no other is answered: not for long, then. */
const STATE_PATIENCE_MS = 250

/** Serves until the process is told to end; requests under way are answered first. */
export async function serve(options: ServeOptions): Promise<void> {
  if (options.workers > 1 && cluster.isPrimary) {
    const uri = await superviseWorkers(options, (first) => announce(first, options))
    process.stderr.write(`${uri} has ended.\n`)
    return
  }
  const patient = { ...options, statePatienceMs: STATE_PATIENCE_MS }
  await withContext(patient, {}, async (context) => await serveHere(options, context))
}

async function serveHere(
  options: ServeOptions,
  { app, config, signal }: CommandContext,
): Promise<void> {
  const { host, port } = options
  const sharedCounts = await sharedCountsOf(config)
  const server = await createForecastServer({
    app,
    config,
    access: {
      host,
      allowedHosts: options.allowedHost ?? [],
      corsOrigins: options.corsOrigin ?? [],
      authenticates: options.auth ?? false,
      isOpenOnPurpose: options.insecure ?? false,
      verifyToken: verifierOf(options, app.clock),
    },
    limits: { requestsPerMinute: options.rateLimit },
    sharedCounts,
    canaryShare: options.canary ?? 0,
    shadows: options.shadow ?? false,
    record: createLedgerRecorder({
      ledger: app.openLedger(chainName(config, options)),
      calendar: createCalendar(config.calendar === 'data' ? 'weekdays' : config.calendar),
      clock: app.clock,
    }),
    logger: loggerOf(options.logLevel),
    shareMetrics: cluster.isWorker ? shareMetrics : undefined,
  })
  try {
    const uri = await listening(() => server.listen({ host, port }))
    if (cluster.isWorker) process.send?.({ kind: 'listening', uri })
    else announce(uri, options)
    await stopped(signal)
  } finally {
    await server.close()
    await sharedCounts?.close()
    // The channel to the process that started this one would keep it alive.
    if (cluster.isWorker) process.disconnect()
  }
}

async function sharedCountsOf({ state }: Config): Promise<SharedCounts | undefined> {
  if (state.redis === undefined) return undefined
  let said = ''
  return await openSharedCounts(state.redis, ({ message }) => {
    // Once for each reason, not at every attempt.
    if (message !== said) process.stderr.write(`Redis: ${message}; requests are not counted.\n`)
    said = message
  })
}

/** One chain for each process that writes; replicas of several machines must not share a name. */
function chainName({ state }: Config, { port }: ServeOptions): string {
  const name = `api-${cluster.worker?.id ?? 1}`
  return state.postgres === undefined ? name : `${name}-${hostname()}-${port}`
}

function verifierOf(options: ServeOptions, clock: () => number): VerifyToken | undefined {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwks } = options
  if (issuer === undefined) return undefined
  const jwksUri = oidcJwks ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
  return createTokenVerifier({ issuer, audience, jwksUri }, clock)
}

/** JSON lines on stderr, written in batches: a line must not hold up an answer. */
function loggerOf(level: string): Logger | undefined {
  if (level === 'silent') return undefined
  const target = pino.destination({ dest: 2, sync: false, minLength: 4096 })
  const timer = setInterval(() => target.flush(), 500)
  timer.unref()
  process.on('exit', () => target.flushSync())
  return pino({ level }, target)
}

async function listening(listen: () => Promise<string>): Promise<string> {
  try {
    return await listen()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `The server cannot listen there (${reason}); choose another --host or --port.`
    throw new TickerflowError('CONFIG_INVALID', message, { cause })
  }
}

function announce(uri: string, { json }: ServeOptions): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ uri })}\n`)
    return
  }
  const lines = [
    colours.bold(`${uri}/api/v1/forecasts/AAPL`),
    `${uri}/docs`,
    colours.dim('Ctrl-C ends it.'),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
