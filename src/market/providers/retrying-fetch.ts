/** One HTTP GET that survives a busy or hiccuping server: time-outs, back-off with jitter, limits. */

import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { TickerflowError } from '../../errors.ts'

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number
  /** For one attempt, the reading of its body included. */
  readonly timeoutMs: number
  /** The first wait is between half of this and all of it; each later one is twice as long. */
  readonly backoffMs: number
  /** No single wait is longer; a server that asks for more is given up on. */
  readonly longestWaitMs: number
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  retries: 4,
  timeoutMs: 20_000,
  backoffMs: 1000,
  longestWaitMs: 60_000,
}

/** What a provider asks of the world; tests pass their own. */
export interface ProviderEnvironment {
  readonly fetch: typeof globalThis.fetch
  /** UTC milliseconds. */
  readonly clock: () => number
  /** Waits, or rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Uniform in [0, 1); spreads the attempts of many clients. */
  readonly random?: () => number
  readonly signal?: AbortSignal
}

export interface HttpRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The provider's name, for messages. */
  readonly provider: string
  readonly policy: RetryPolicy
}

export interface HttpReply {
  readonly status: number
  readonly body: string
}

/** Why an attempt failed, and how long the server wants to be left alone. */
interface Failure {
  readonly reason: string
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** Uniform in [0, 1), from the operating system. */
function systemRandom(): number {
  return randomInt(0x1_0000_0000) / 0x1_0000_0000
}

async function systemSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}

/**
 * The reply of the first attempt that the server answers with anything but 429 or 5xx.
 *
 * @throws {TickerflowError} `PROVIDER_UNAVAILABLE` when all attempts failed, or the server asks for
 *   a longer wait than the policy allows; `INTERRUPTED` when the signal is aborted.
 */
export async function fetchWithRetry(
  request: HttpRequest,
  environment: ProviderEnvironment,
): Promise<HttpReply> {
  const { policy } = request
  const sleep = environment.sleep ?? systemSleep
  for (let attempt = 0; ; attempt++) {
    assertNotInterrupted(request, environment)
    const outcome = await tryOnce(request, environment)
    if ('status' in outcome) return outcome
    assertNotInterrupted(request, environment)
    const waitMs =
      outcome.retryAfterMs ?? backoff(policy, attempt, environment.random ?? systemRandom)
    if (attempt >= policy.retries || waitMs > policy.longestWaitMs) {
      throw unavailable(request, outcome, attempt + 1)
    }
    await sleep(waitMs, environment.signal).catch((cause: unknown) => {
      assertNotInterrupted(request, environment)
      throw cause
    })
  }
}

async function tryOnce(
  { url, headers, policy }: HttpRequest,
  { fetch, clock, signal }: ProviderEnvironment,
): Promise<HttpReply | Failure> {
  const timeout = AbortSignal.timeout(policy.timeoutMs)
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  try {
    const response = await fetch(url, { headers, signal: either })
    const body = await response.text()
    const { status } = response
    if (status !== 429 && status < 500) return { status, body }
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock())
    const reason = `HTTP status ${status}`
    return retryAfterMs === undefined ? { reason } : { reason, retryAfterMs }
  } catch (cause) {
    if (timeout.aborted) return { reason: `no answer within ${policy.timeoutMs} ms`, cause }
    return { reason: cause instanceof Error ? rootMessage(cause) : String(cause), cause }
  }
}

/** Node hides `ENOTFOUND` and the like behind `fetch failed`. */
function rootMessage(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

/** Between half and all of 1, 2, 4, … times the base, never longer than the longest wait. */
function backoff(policy: RetryPolicy, attempt: number, random: () => number): number {
  const full = Math.min(policy.backoffMs * (1 << attempt), policy.longestWaitMs)
  return Math.round(full * (0.5 + 0.5 * random()))
}

/** Seconds or an HTTP date, as milliseconds from now. */
function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return 1000 * Number(header)
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, until - now)
}

function assertNotInterrupted({ provider }: HttpRequest, { signal }: ProviderEnvironment): void {
  if (!signal?.aborted) return
  const message = `The download from ${provider} was interrupted; nothing was changed.`
  throw new TickerflowError('INTERRUPTED', message, { cause: signal.reason })
}

function unavailable(request: HttpRequest, failure: Failure, attempts: number): TickerflowError {
  const { provider, url, policy } = request
  const asked = failure.retryAfterMs
  const patience =
    asked !== undefined && asked > policy.longestWaitMs
      ? ` It asks to be left alone for ${Math.ceil(asked / 1000)} s.`
      : ''
  const times = attempts === 1 ? 'once' : `${attempts} times`
  const message =
    `${provider} did not answer usefully (tried ${times}; last: ${failure.reason}).${patience} ` +
    'Expected daily bars. Check the network and try again later, or use --csv FILE or ' +
    '--source sample. Nothing was changed.'
  const details = { provider, url, attempts, reason: failure.reason }
  return new TickerflowError('PROVIDER_UNAVAILABLE', message, { details, cause: failure.cause })
}
