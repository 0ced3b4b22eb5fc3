/** Who may talk to the server: foreign web pages may not, and beyond this machine only with the key. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { TickerflowError } from '../../errors.ts'
import type { ErrorReply } from './error-reply.ts'

export interface AccessPolicy {
  /** The address that the server listens on. */
  readonly host: string
  /** Needed for every route but `/health` when there is one. */
  readonly apiKey?: string
  /** Names that requests may use for the server, besides its address and those of this machine. */
  readonly allowedHosts?: readonly string[]
}

export interface RequestHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly authorization?: string | undefined
}

/** @throws {TickerflowError} CONFIG_INVALID for an address beyond this machine without a key. */
export function assertBindAllowed({ host, apiKey }: AccessPolicy): void {
  if (isLoopback(host) || (apiKey !== undefined && apiKey.length >= SHORTEST_KEY)) return
  throw new TickerflowError(
    'CONFIG_INVALID',
    `Listening on ${host} lets other machines in, so it needs a key of at least ${SHORTEST_KEY} characters: --key-file FILE. Without one, listen on 127.0.0.1.`,
    { details: { host } },
  )
}

const SHORTEST_KEY = 16

/** The refusal of a request, or `undefined` when it may pass. */
export function refusalOf(
  policy: AccessPolicy,
  headers: RequestHeaders,
  path: string,
): ErrorReply | undefined {
  const { host, origin } = headers
  if (host === undefined || !isOwnName(policy, hostnameOf(`http://${host}`))) {
    return refused(403, 'PERMISSION_DENIED', `The host '${host ?? ''}' is not this server's.`)
  }
  if (origin !== undefined && !isOwnName(policy, hostnameOf(origin))) {
    return refused(403, 'PERMISSION_DENIED', `Requests of pages from '${origin}' are not taken.`)
  }
  if (policy.apiKey === undefined || path === '/health') return undefined
  const credential = credentialOf(headers.authorization)
  if (credential !== undefined && isSame(credential, policy.apiKey)) return undefined
  return refused(
    401,
    'UNAUTHENTICATED',
    'This server needs its key: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_PASSWORD with any MLFLOW_TRACKING_USERNAME.',
  )
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Names can be made to point anywhere by their owner; an address can't. */
function isOwnName(policy: AccessPolicy, name: string | undefined): boolean {
  if (name === undefined) return false
  if (isLoopback(name) || name === policy.host) return true
  if (policy.allowedHosts?.includes(name)) return true
  return !isLoopback(policy.host) && isIP(name) !== 0
}

function hostnameOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '')
  } catch {
    return undefined
  }
}

/** The key that a client of MLflow's sends: as a bearer token, or as the password of any user. */
export function credentialOf(authorization = ''): string | undefined {
  const [, scheme = '', credential = ''] = /^(\S+) (.+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credential
  if (scheme.toLowerCase() !== 'basic') return undefined
  const pair = Buffer.from(credential, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

function isSame(received: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(received), digest(expected))
}

function refused(status: number, error_code: string, message: string): ErrorReply {
  return { status, error_code, message }
}
