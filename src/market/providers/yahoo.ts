/** Daily bars from Yahoo Finance's chart call: free, without a key, and without any promise. */

import { createHash } from 'node:crypto'

import type { Bars } from '../bars.ts'
import { createBars } from '../create-bars.ts'
import type { Finding } from '../finding.ts'
import { parseSymbol } from '../symbol.ts'
import {
  DEFAULT_RETRY_POLICY,
  fetchWithRetry,
  type ProviderEnvironment,
  type RetryPolicy,
} from './retrying-fetch.ts'
import { parseYahooReply } from './yahoo-reply.ts'

const CHART_URL = 'https://query2.finance.yahoo.com/v8/finance/chart/'
const SECONDS_PER_DAY = 86_400

/** Yahoo turns away clients that don't look like a browser. */
const HEADERS = {
  accept: 'application/json',
  'user-agent': 'Mozilla/5.0 (compatible; tickerflow)',
}

export interface YahooRequest extends ProviderEnvironment, Partial<RetryPolicy> {
  readonly symbol: string
  /** First day, since 1970-01-01. */
  readonly from: number
  /** Last day, included. */
  readonly to: number
}

export interface YahooReading {
  /** Split-adjusted prices and volumes, with the events that Yahoo lists. */
  readonly bars: Bars
  /** What was left out; pass the bars to `checkBars` for the rest. */
  readonly findings: readonly Finding[]
  /** SHA-256 (hex) of the reply as it came. */
  readonly replyDigest: string
}

/**
 * Fetches the daily bars of a symbol.
 *
 * The bar of a session that is still open is left out, as are rows without any price.
 *
 * @throws {TickerflowError} `SYMBOL_INVALID`, `SYMBOL_UNKNOWN`, `PROVIDER_UNAVAILABLE` after the
 *   last retry, `PROVIDER_REPLY_INVALID` for anything but daily bars, `INTERRUPTED`.
 */
export async function fetchYahooBars(request: YahooRequest): Promise<YahooReading> {
  const symbol = parseSymbol(request.symbol)
  const reply = await fetchWithRetry(
    {
      url: chartUrl(symbol, request.from, request.to),
      headers: HEADERS,
      provider: 'Yahoo',
      policy: retryPolicy(request),
    },
    request,
  )
  const series = parseYahooReply({ symbol, ...reply, now: request.clock() })
  const { columns, dividends, splits, findings } = series
  const bars = createBars({
    symbol,
    basis: 'split-adjusted',
    source: 'yahoo',
    columns,
    dividends,
    splits,
  })
  return { bars, findings, replyDigest: createHash('sha256').update(reply.body).digest('hex') }
}

function chartUrl(symbol: string, from: number, to: number): string {
  const query = new URLSearchParams({
    interval: '1d',
    period1: String(from * SECONDS_PER_DAY),
    period2: String((to + 1) * SECONDS_PER_DAY),
    events: 'div|split',
    includeAdjustedClose: 'true',
  })
  return `${CHART_URL}${encodeURIComponent(symbol)}?${query}`
}

function retryPolicy(request: YahooRequest): RetryPolicy {
  return {
    retries: request.retries ?? DEFAULT_RETRY_POLICY.retries,
    timeoutMs: request.timeoutMs ?? DEFAULT_RETRY_POLICY.timeoutMs,
    backoffMs: request.backoffMs ?? DEFAULT_RETRY_POLICY.backoffMs,
    longestWaitMs: request.longestWaitMs ?? DEFAULT_RETRY_POLICY.longestWaitMs,
  }
}
