/** When a request to a tracking server is tried again, and how long to wait before. */

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number
  /** Attempts after the first while the server has never answered: a wrong address shows soon. */
  readonly retriesAtFirst: number
  /** For one attempt, the reading of its body included; a transfer of a file only has to begin. */
  readonly timeoutMs: number
  /** The first wait is between half of this and all of it; each later one is twice as long. */
  readonly backoffMs: number
  /** No single wait is longer; a server that asks for more is given up on. */
  readonly longestWaitMs: number
}

/** About two minutes of patience, as MLflow's own client has; two seconds before the first answer. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  retries: 7,
  retriesAtFirst: 2,
  timeoutMs: 120_000,
  backoffMs: 1000,
  longestWaitMs: 60_000,
}

/** Statuses that pass: the same request may succeed a moment later. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
/** Of these, the ones that say that the request was not even begun. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([429, 503])
/** Network failures before anything was sent. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Why an attempt failed. */
export interface Failure {
  readonly reason: string
  /** The server did certainly nothing: even what must not happen twice may be tried again. */
  readonly nothingHappened: boolean
  /** How long the server wants to be left alone. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The failure that this status is, or `undefined` when the reply is final. */
export function failureOfStatus(
  status: number,
  retryAfter: string | null,
  nowMs: number,
): Failure | undefined {
  if (!TRANSIENT_STATUSES.has(status)) return undefined
  const retryAfterMs = parseRetryAfter(retryAfter, nowMs)
  return {
    reason: `HTTP status ${status}`,
    nothingHappened: REFUSING_STATUSES.has(status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** What `fetch` threw. */
export function failureOfNetwork(cause: unknown): Failure {
  const root = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = root instanceof Error && 'code' in root ? root.code : undefined
  const words = root instanceof Error ? root.message : String(root)
  return {
    reason: words === '' ? String(code) : words,
    nothingHappened: NOT_CONNECTED.has(code),
    cause,
  }
}

/** Between half and all of 1, 2, 4, … times the base, never longer than the longest wait. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const full = Math.min(policy.backoffMs * (1 << Math.min(attempt, 20)), policy.longestWaitMs)
  return Math.round(full * (0.5 + 0.5 * random()))
}

/** Seconds or an HTTP date, as milliseconds from now. */
function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return 1000 * Number(header)
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, until - nowMs)
}
