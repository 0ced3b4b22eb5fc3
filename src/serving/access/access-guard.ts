/** Before every route: is the request meant for this server, who sends it, may they do that? */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TickerflowError } from '../../errors.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { credentialOf, isLoopback, refusalOf } from '../../tracking/server/request-guards.ts'
import { Refusal } from '../refusal.ts'
import { hasUsableKey, isApiKeyText } from './api-keys.ts'
import type { VerifyToken } from './bearer-tokens.ts'
import type { PrincipalOfKey } from './key-memory.ts'
import { LOCAL_PRINCIPAL, mayDo, type Principal, type Scope } from './principal.ts'
import { CSRF_HEADER, isCsrfToken, principalOfSession, sessionTextOf } from './sessions.ts'

export interface AccessOptions {
  /** The address that the server listens on. */
  readonly host: string
  /** Names that requests may use for the server, besides its address and those of this machine. */
  readonly allowedHosts: readonly string[]
  /** Everyone needs a key or a token; else everyone may do everything. */
  readonly authenticates: boolean
  readonly verifyToken?: VerifyToken | undefined
  readonly database: StateDatabase
  readonly principalOfKey: PrincipalOfKey
  readonly clock: () => number
}

export interface BindOptions {
  readonly host: string
  readonly authenticates: boolean
  /** `--insecure`: someone else sees to it who may reach the server. */
  readonly isOpenOnPurpose: boolean
  readonly hasTokens: boolean
  readonly database: StateDatabase
  readonly nowMs: number
}

/** @throws {TickerflowError} CONFIG_INVALID for an address beyond this machine without authentication. */
export function assertBindAllowed(options: BindOptions): void {
  const { host, authenticates, isOpenOnPurpose, hasTokens, database, nowMs } = options
  if (!authenticates && !isLoopback(host) && !isOpenOnPurpose) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `Listening on ${host} lets other machines in, so requests need keys or tokens: add --auth ` +
        '(and make a key: tickerflow keys create), or listen on 127.0.0.1. If something in front of ' +
        'the server decides who may reach it, say so with --insecure.',
      { details: { host } },
    )
  }
  if (!authenticates || hasTokens || hasUsableKey(database, nowMs)) return
  throw new TickerflowError(
    'CONFIG_INVALID',
    'With --auth nobody could use the server: the store has no valid API key and no --oidc-issuer ' +
      'was given. Make a key first: tickerflow keys create --name NAME --scope predict.',
    { details: { host } },
  )
}

export function addAccessGuard(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request) => {
    await admit(options, request, request.routeOptions.config.scope ?? 'read')
  })
}

/** @throws {Refusal} 403 for a foreign Host or Origin or a missing scope, 401 without a principal. */
export async function admit(
  options: AccessOptions,
  request: FastifyRequest,
  scope: Scope | 'open',
): Promise<void> {
  const { host, allowedHosts } = options
  const foreign = refusalOf({ host, allowedHosts }, request.headers, request.url)
  if (foreign !== undefined) {
    throw new Refusal({ status: 403, type: 'foreign-host', detail: foreign.message })
  }
  if (scope === 'open') return
  const principal = options.authenticates ? await identify(options, request) : LOCAL_PRINCIPAL
  if (principal === undefined) throw unauthenticated()
  request.principal = principal
  if (mayDo(principal, scope)) return
  const detail = `This needs the scope '${scope}', which the key or token does not have.`
  throw new Refusal({ status: 403, type: 'scope-missing', detail })
}

async function identify(
  options: AccessOptions,
  request: FastifyRequest,
): Promise<Principal | undefined> {
  const key = request.headers['x-api-key']
  const credential = typeof key === 'string' ? key : credentialOf(request.headers.authorization)
  if (credential === undefined) return identifySession(options, request)
  return await principalOfCredential(options, credential)
}

/** Whose key or token it is; `undefined` for one that does not count. */
export async function principalOfCredential(
  { principalOfKey, verifyToken }: Pick<AccessOptions, 'principalOfKey' | 'verifyToken'>,
  credential: string,
): Promise<Principal | undefined> {
  if (isApiKeyText(credential)) return principalOfKey(credential)
  return await verifyToken?.(credential)
}

/** @throws {Refusal} 403 for a change without the token that a page of this server has. */
function identifySession(
  { database, clock }: AccessOptions,
  { headers, method }: FastifyRequest,
): Principal | undefined {
  const text = sessionTextOf(headers.cookie)
  if (text === undefined) return undefined
  const principal = principalOfSession(database, text, clock())
  const reads = method === 'GET' || method === 'HEAD'
  if (principal === undefined || reads || isCsrfToken(text, headers[CSRF_HEADER])) return principal
  const detail = `A change in a session needs its token in the header ${CSRF_HEADER}; GET /api/v1/session gives it.`
  throw new Refusal({ status: 403, type: 'csrf-token-missing', detail })
}

function unauthenticated(): Refusal {
  return new Refusal({
    status: 401,
    type: 'unauthenticated',
    detail:
      'This server needs an API key or a token: Authorization: Bearer …, or X-Api-Key. Those that ' +
      'are unknown, revoked or expired do not count.',
    headers: { 'www-authenticate': 'Bearer realm="tickerflow"' },
  })
}
