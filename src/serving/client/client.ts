/**
 * A typed client of the forecast server, for any JavaScript with `fetch`.
 *
 * @example
 * import { createClient } from 'tickerflow/client'
 * const client = createClient({ url: 'http://127.0.0.1:8080', key: 'tfk_…' })
 * const { median, usable } = await client.call('getForecast', { path: { symbol: 'AAPL' } })
 */
import { ROUTES } from './operation-routes.ts'
import type { Operations } from './operations.ts'

export type { Operations } from './operations.ts'

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8080`. */
  readonly url: string
  /** An API key or a token; left out where the server needs none. */
  readonly key?: string | undefined
  /** Ends a call that takes longer. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

export const DEFAULT_TIMEOUT_MS = 10_000

/** What a call takes; parts that the operation has none of can be left out. */
export type CallArguments<Id extends keyof Operations> = Partial<
  Pick<Operations[Id], 'path' | 'query' | 'body'>
> & { readonly requestId?: string }

export interface ForecastClient {
  /** @throws {ForecastApiError} On any answer that is not 2xx. */
  call<Id extends keyof Operations>(
    operation: Id,
    given?: CallArguments<Id>,
  ): Promise<Operations[Id]['answer']>
}

/** The server's refusal, as its problem details say it. */
export class ForecastApiError extends Error {
  override readonly name = 'ForecastApiError'
  readonly status: number
  /** Such as `urn:tickerflow:problem:horizon-not-covered`. */
  readonly type: string
  /** Id of the request, as in the server's log. */
  readonly requestId: string
  /** Seconds after which to try again, where the server says so. */
  readonly retryAfterSeconds: number | undefined

  constructor(reply: Response, problem: Readonly<Record<string, unknown>>) {
    super(String(problem.detail ?? `The server answered ${reply.status}.`))
    this.status = reply.status
    this.type = String(problem.type ?? 'about:blank')
    this.requestId = reply.headers.get('x-request-id') ?? ''
    const wait = Number(reply.headers.get('retry-after') ?? Number.NaN)
    this.retryAfterSeconds = Number.isFinite(wait) ? wait : undefined
  }
}

export function createClient(options: ClientOptions): ForecastClient {
  const { url, key, timeoutMs = DEFAULT_TIMEOUT_MS, fetch: send = fetch } = options
  return {
    async call(operation, given = {}) {
      const { method, path } = ROUTES[operation]
      const { body, requestId } = given
      const reply = await send(addressOf(url, path, given), {
        method,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      const isJson = /[/+]json/.test(reply.headers.get('content-type') ?? '')
      const content: unknown = isJson ? await reply.json() : await reply.text()
      if (reply.ok) return content as never
      throw new ForecastApiError(reply, isJson ? (content as Record<string, unknown>) : {})
    },
  }
}

function addressOf(
  url: string,
  template: string,
  { path = {}, query = {} }: { readonly path?: object; readonly query?: object },
): URL {
  const values = path as Readonly<Record<string, unknown>>
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name] ?? '')),
  )
  const address = new URL(filled, url)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value))
  }
  return address
}
