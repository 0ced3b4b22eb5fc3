/** Requests to a tracking server: authentication, time-outs, patience, and failures with a code. */
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import { failureOfReply, isClientFault } from './reply-failure.ts'
import {
  backoffMs,
  DEFAULT_RETRY_POLICY,
  type Failure,
  failureOfNetwork,
  failureOfStatus,
  type RetryPolicy,
} from './retry-policy.ts'

/** A token, or a user's name and password; a token wins. Never logged, never part of a message. */
export interface TrackingCredentials {
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

export interface TrackingHttpOptions {
  /** Where the server is, e.g. `http://127.0.0.1:5000`; a path before `/api` is kept. */
  readonly uri: string
  readonly fetch: typeof globalThis.fetch
  /** UTC milliseconds. */
  readonly clock: () => number
  readonly credentials?: TrackingCredentials
  /** Fields not named are the defaults. */
  readonly retry?: Partial<RetryPolicy>
  /** Ends every request under way and every wait. */
  readonly signal?: AbortSignal
  /** Waits, or rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Uniform in [0, 1); spreads the attempts of many clients. */
  readonly random?: () => number
}

export type QueryValue = string | number | undefined | readonly string[]

export interface TrackingRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  /** Below the server's address, e.g. `/api/2.0/mlflow/runs/get`. */
  readonly path: string
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; made anew for each attempt. */
  readonly bytes?: () => BodyInit
  /** It must not happen twice: tried again only when it certainly did not happen. */
  readonly once?: boolean
  /** Instead of the policy's number of retries. */
  readonly retries?: number
  /** Not to send the credentials: another server than the one they are for. */
  readonly anonymous?: boolean
}

/** What a tracking client asks its server through. */
export interface TrackingHttp {
  readonly uri: string
  /** The reply's JSON. */
  ask(request: TrackingRequest): Promise<unknown>
  /** The reply itself, its body unread; its status is a success. */
  open(request: TrackingRequest): Promise<Response>
}

/** @throws {TickerflowError} CONFIG_INVALID for an address that is not http or https. */
export function createTrackingHttp(options: TrackingHttpOptions): TrackingHttp {
  const base = baseOf(options.uri)
  const connection = new Connection(base, options)
  return {
    uri: base,
    ask: async (request) => {
      const response = await connection.send(request, true)
      return await jsonOf(response, base)
    },
    open: (request) => connection.send(request, false),
  }
}

class Connection {
  readonly #base: string
  readonly #options: TrackingHttpOptions
  readonly #policy: RetryPolicy
  readonly #authorization: string | undefined
  #answered = false

  constructor(base: string, options: TrackingHttpOptions) {
    this.#base = base
    this.#options = options
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...options.retry }
    this.#authorization = authorizationOf(options.credentials ?? {})
  }

  /** The first final reply. @throws {TickerflowError} When it is a failure, or there is none. */
  async send(request: TrackingRequest, readAll: boolean): Promise<Response> {
    const { random = systemRandom, sleep = systemSleep, signal } = this.#options
    for (let attempt = 0; ; attempt++) {
      assertNotInterrupted(signal)
      const outcome = await this.#tryOnce(request, readAll)
      if (outcome instanceof Response) return outcome
      assertNotInterrupted(signal)
      const waitMs = outcome.retryAfterMs ?? backoffMs(this.#policy, attempt, random)
      const mayRetry = outcome.nothingHappened || request.once !== true
      if (!mayRetry || attempt >= this.#retries(request) || waitMs > this.#policy.longestWaitMs) {
        throw unavailable(this.#base, request, { failure: outcome, attempts: attempt + 1 })
      }
      await sleep(waitMs, signal).catch((cause: unknown) => {
        assertNotInterrupted(signal)
        throw cause
      })
    }
  }

  #retries(request: TrackingRequest): number {
    const most = request.retries ?? this.#policy.retries
    return this.#answered ? most : Math.min(most, this.#policy.retriesAtFirst)
  }

  async #tryOnce(request: TrackingRequest, readAll: boolean): Promise<Response | Failure> {
    const timeout = new AbortController()
    const { timeoutMs } = this.#policy
    const timer = setTimeout(() => timeout.abort(), timeoutMs)
    const { signal } = this.#options
    try {
      const either =
        signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal])
      const response = await this.#options.fetch(this.#url(request), {
        method: request.method,
        headers: this.#headers(request),
        signal: either,
        ...bodyOf(request),
      })
      const failure = failureOfStatus(
        response.status,
        response.headers.get('retry-after'),
        this.#options.clock(),
      )
      if (!response.ok) {
        const text = await response.text()
        if (failure !== undefined && !isClientFault(text)) return failure
        this.#answered = true
        throw failureOfReply(response.status, text, this.#base)
      }
      this.#answered = true
      return readAll ? new Response(await response.arrayBuffer(), response) : response
    } catch (cause) {
      if (isTickerflowError(cause)) throw cause
      if (!timeout.signal.aborted) return failureOfNetwork(cause)
      return { reason: `no answer within ${timeoutMs} ms`, nothingHappened: false, cause }
    } finally {
      clearTimeout(timer)
    }
  }

  #url({ path, query = {} }: TrackingRequest): string {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
      if (typeof value === 'string' || typeof value === 'number') search.append(name, `${value}`)
      else for (const item of value ?? []) search.append(name, item)
    }
    const text = search.toString()
    return `${this.#base}${path}${text === '' ? '' : `?${text}`}`
  }

  #headers(request: TrackingRequest): Record<string, string> {
    const isAnonymous = request.anonymous === true || this.#authorization === undefined
    return {
      ...(isAnonymous ? {} : { authorization: this.#authorization ?? '' }),
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(request.bytes === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    }
  }
}

function bodyOf({ json, bytes }: TrackingRequest): RequestInit {
  if (json !== undefined) return { body: JSON.stringify(json) }
  // Node wants to be told that a body that is a stream is sent before the reply is read.
  return bytes === undefined ? {} : ({ body: bytes(), duplex: 'half' } as RequestInit)
}

async function jsonOf(response: Response, base: string): Promise<unknown> {
  const text = await response.text()
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch (cause) {
    const message = `${base} answered something that is not JSON. Expected an MLflow tracking server there; check the address.`
    throw new TickerflowError('TRACKING_REPLY_INVALID', message, { details: { uri: base }, cause })
  }
}

function baseOf(uri: string): string {
  const url = URL.parse(uri)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  }
  throw new TickerflowError(
    'CONFIG_INVALID',
    'The address of the tracking server is not one. Expected http:// or https://, without a user, a password or a query: those go into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
  )
}

function authorizationOf({ token, username, password }: TrackingCredentials): string | undefined {
  if (token !== undefined) return `Bearer ${token}`
  if (username === undefined && password === undefined) return undefined
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8')
  return `Basic ${pair.toString('base64')}`
}

function assertNotInterrupted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  const message = 'The request to the tracking server was interrupted.'
  throw new TickerflowError('INTERRUPTED', message, { cause: signal.reason })
}

function unavailable(
  base: string,
  { method, path }: TrackingRequest,
  { failure, attempts }: { readonly failure: Failure; readonly attempts: number },
): TickerflowError {
  const times = attempts === 1 ? 'once' : `${attempts} times`
  const message = `The tracking server at ${base} did not answer usefully (tried ${times}; last: ${failure.reason}). Check that it runs and that the address is right, then try again.`
  const details = { uri: base, request: `${method} ${path}`, attempts, reason: failure.reason }
  return new TickerflowError('TRACKING_UNAVAILABLE', message, { details, cause: failure.cause })
}

/** Uniform in [0, 1), from the operating system. */
export function systemRandom(): number {
  return randomInt(0x1_0000_0000) / 0x1_0000_0000
}

async function systemSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}
