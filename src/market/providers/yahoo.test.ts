import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { formatDay, parseIsoDate } from '../trading-date.ts'
import { fetchYahooBars, type YahooRequest } from './yahoo.ts'

const AFTER_CLOSE = Date.parse('2014-06-10T21:00:00Z')
const at = (text: string) => Date.parse(text) / 1000
const open = (date: string) => at(`${date}T13:30:00Z`)

interface ReplyParts {
  readonly meta?: Record<string, unknown>
  readonly timestamp?: readonly number[]
  readonly quote?: Record<string, readonly (number | null)[]>
  readonly adjclose?: readonly (number | null)[] | undefined
  readonly events?: unknown
}

/** A hand-made reply in the form of the v8 chart call, two sessions around Apple's 7:1 split. */
function chart(parts: ReplyParts = {}): string {
  const { adjclose = [82.1, 83.4] } = parts
  const indicators = {
    quote: [
      {
        open: [92.84, 92.7],
        high: [93.04, 93.88],
        low: [92.07, 91.75],
        close: [92.22, 93.7],
        volume: [349938400, 301660000],
        ...parts.quote,
      },
    ],
    ...('adjclose' in parts && parts.adjclose === undefined ? {} : { adjclose: [{ adjclose }] }),
  }
  const result = {
    meta: {
      currency: 'USD',
      symbol: 'AAPL',
      exchangeTimezoneName: 'America/New_York',
      dataGranularity: '1d',
      currentTradingPeriod: {
        regular: { start: open('2014-06-10'), end: at('2014-06-10T20:00Z') },
      },
      ...parts.meta,
    },
    timestamp: parts.timestamp ?? [open('2014-06-06'), open('2014-06-09')],
    ...(parts.events === undefined ? {} : { events: parts.events }),
    indicators,
  }
  return JSON.stringify({ chart: { result: [result], error: null } })
}

const failure = (code: string, description: string) =>
  JSON.stringify({ chart: { result: null, error: { code, description } } })

type Answer = string | Response | Error | 'hang'

/** A network that gives the answers one after the other, the last one for ever. */
function network(...answers: readonly Answer[]) {
  const urls: string[] = []
  const waits: number[] = []
  const fetch = async (url: string, { signal }: { signal: AbortSignal }): Promise<Response> => {
    const answer = answers[Math.min(urls.length, answers.length - 1)] as Answer
    urls.push(url)
    if (answer instanceof Error) throw answer
    if (answer === 'hang') return await untilAborted(signal)
    return answer instanceof Response ? answer.clone() : new Response(answer)
  }
  const sleep = async (ms: number) => {
    waits.push(ms)
  }
  return { urls, waits, fetch: fetch as unknown as typeof globalThis.fetch, sleep }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

function read(net: ReturnType<typeof network>, more: Partial<YahooRequest> = {}) {
  return fetchYahooBars({
    symbol: 'AAPL',
    from: parseIsoDate('2014-06-06') as number,
    to: parseIsoDate('2014-06-10') as number,
    fetch: net.fetch,
    sleep: net.sleep,
    clock: () => AFTER_CLOSE,
    random: () => 0.5,
    ...more,
  })
}

const reply = (parts?: ReplyParts) => network(chart(parts))
const datesOf = ({ date }: { readonly date: Int32Array }) => [...date].map(formatDay)

describe('a normal reply', () => {
  test('becomes split-adjusted bars with the digest of what came', async () => {
    const net = reply()
    const { bars, findings, replyDigest } = await read(net)
    expect(datesOf(bars)).toEqual(['2014-06-06', '2014-06-09'])
    expect(bars).toMatchObject({ symbol: 'AAPL', basis: 'split-adjusted', source: 'yahoo' })
    expect([...bars.close]).toEqual([92.22, 93.7])
    expect([...bars.volume]).toEqual([349938400, 301660000])
    expect([...(bars.vendorAdjustedClose ?? [])]).toEqual([82.1, 83.4])
    expect(findings).toEqual([])
    expect(replyDigest).toBe(createHash('sha256').update(chart()).digest('hex'))
  })

  test('is asked for by day, with events, the symbol escaped', async () => {
    const net = reply({ meta: { symbol: '^GSPC' } })
    await read(net, { symbol: '^gspc' })
    const url = new URL(net.urls[0] as string)
    expect(url.origin + url.pathname).toBe(
      'https://query2.finance.yahoo.com/v8/finance/chart/%5EGSPC',
    )
    expect(Object.fromEntries(url.searchParams)).toEqual({
      interval: '1d',
      period1: String(at('2014-06-06T00:00:00Z')),
      period2: String(at('2014-06-11T00:00:00Z')),
      events: 'div|split',
      includeAdjustedClose: 'true',
    })
  })

  test('has its splits and dividends as events, on their local days', async () => {
    const events = {
      splits: {
        '1402320600': { date: open('2014-06-09'), numerator: 7, denominator: 1, splitRatio: '7:1' },
      },
      dividends: { '1407421800': { date: open('2014-06-06'), amount: 0.4676 } },
    }
    const { bars } = await read(reply({ events }))
    expect(bars.splits).toEqual([{ day: parseIsoDate('2014-06-09'), ratio: 7 }])
    expect(bars.dividends).toEqual([{ day: parseIsoDate('2014-06-06'), amount: 0.4676 }])
  })

  test('may lack the adjusted close', async () => {
    const { bars } = await read(reply({ adjclose: undefined }))
    expect(bars.vendorAdjustedClose).toBeUndefined()
    expect(bars.date.length).toBe(2)
  })

  test('takes its days from the time zone of the exchange', async () => {
    const tokyo = {
      meta: {
        exchangeTimezoneName: 'Asia/Tokyo',
        currentTradingPeriod: { regular: { end: at('2014-06-10T06:00Z') } },
      },
      timestamp: [at('2014-06-06T00:00:00Z'), at('2014-06-08T23:59:00Z')],
    }
    expect(datesOf((await read(reply(tokyo))).bars)).toEqual(['2014-06-06', '2014-06-09'])
  })
})

describe('rows that are no whole bars', () => {
  test('a row of nulls is left out and named; a single null stays for the checks', async () => {
    const empty = {
      open: [null, 92.7],
      high: [null, 93.88],
      low: [null, 91.75],
      close: [null, 93.7],
    }
    const { bars, findings } = await read(reply({ quote: empty }))
    expect(datesOf(bars)).toEqual(['2014-06-09'])
    expect(findings).toMatchObject([
      { check: 'null-rows', severity: 'warning', rows: [{ row: 0, date: '2014-06-06' }] },
    ])
    const single = await read(reply({ quote: { high: [null, 93.88] } }))
    expect(single.bars.high[0]).toBeNaN()
    expect(single.findings).toEqual([])
  })

  const today = { timestamp: [open('2014-06-09'), at('2014-06-10T15:12:07Z')] }

  test('the bar of a session that is still open is left out', async () => {
    const clock = () => Date.parse('2014-06-10T19:59:59Z')
    const { bars, findings } = await read(reply(today), { clock })
    expect(datesOf(bars)).toEqual(['2014-06-09'])
    expect(findings).toMatchObject([
      { check: 'partial-bar', severity: 'warning', rows: [{ row: 1, date: '2014-06-10' }] },
    ])
  })

  test('after the close it is kept', async () => {
    const clock = () => Date.parse('2014-06-10T20:00:00Z')
    const { bars, findings } = await read(reply(today), { clock })
    expect(datesOf(bars)).toEqual(['2014-06-09', '2014-06-10'])
    expect(findings).toEqual([])
  })

  test('New York closes early on some days, also when the reply says otherwise', async () => {
    const friday = { timestamp: [open('2014-11-26'), at('2014-11-28T14:30:00Z')] }
    const { bars } = await read(reply(friday), { clock: () => Date.parse('2014-11-28T18:00:00Z') })
    expect(datesOf(bars)).toEqual(['2014-11-26', '2014-11-28'])
  })

  test('elsewhere the end of the session is what the reply says', async () => {
    const london = {
      meta: {
        exchangeTimezoneName: 'Europe/London',
        currentTradingPeriod: { regular: { end: at('2014-06-10T15:30:00Z') } },
      },
      timestamp: [at('2014-06-09T07:00:00Z'), at('2014-06-10T07:00:00Z')],
    }
    const readAt = async (clock: string) =>
      datesOf((await read(reply(london), { clock: () => Date.parse(clock) })).bars)
    expect(await readAt('2014-06-10T15:29:00Z')).toEqual(['2014-06-09'])
    expect(await readAt('2014-06-10T15:30:00Z')).toEqual(['2014-06-09', '2014-06-10'])
  })

  test('without that, a session ends with its day', async () => {
    const coin = {
      meta: { exchangeTimezoneName: 'UTC', currentTradingPeriod: undefined },
      timestamp: [at('2014-06-09T00:00:00Z'), at('2014-06-10T00:00:00Z')],
    }
    expect(datesOf((await read(reply(coin))).bars)).toEqual(['2014-06-09'])
  })

  test('a live row beside the settled one of the same day is merged into one', async () => {
    const twice = { timestamp: [open('2014-06-10'), at('2014-06-10T20:00:01Z')] }
    const { bars, findings } = await read(reply(twice))
    expect(datesOf(bars)).toEqual(['2014-06-10'])
    expect([...bars.close]).toEqual([93.7])
    expect(findings).toMatchObject([{ check: 'merged-rows', severity: 'warning', count: 1 }])
  })
})

describe('a busy or broken server', () => {
  const busy = (headers: Record<string, string> = {}) =>
    new Response('Too Many Requests', { status: 429, headers })

  test('429 is waited out, twice as long each time, with jitter', async () => {
    const net = network(busy(), busy(), busy(), chart())
    expect((await read(net)).bars.date.length).toBe(2)
    expect(net.waits).toEqual([750, 1500, 3000])
    const spread = network(busy(), chart())
    await read(spread, { random: () => 0 })
    expect(spread.waits).toEqual([500])
  })

  test('Retry-After is honoured, as seconds and as a date', async () => {
    const net = network(
      busy({ 'retry-after': '7' }),
      busy({ 'retry-after': new Date(AFTER_CLOSE + 12_000).toUTCString() }),
      chart(),
    )
    await read(net)
    expect(net.waits).toEqual([7000, 12_000])
  })

  test('a Retry-After beyond patience ends the attempts at once', async () => {
    const net = network(busy({ 'retry-after': '3600' }))
    await expect(read(net)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringMatching(/tried once.*429.*left alone for 3600 s.*--source sample/),
    })
    expect(net.waits).toEqual([])
  })

  test('429 for ever is given up on, and says what to do', async () => {
    const net = network(busy())
    await expect(read(net, { retries: 2 })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringMatching(/tried 3 times; last: HTTP status 429.*--csv FILE/),
      details: { attempts: 3 },
    })
    expect(net.urls.length).toBe(3)
  })

  test('a server fault and a lost connection are tried again', async () => {
    const lost = new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') })
    const net = network(new Response('', { status: 502 }), lost, chart())
    expect((await read(net)).bars.date.length).toBe(2)
    await expect(read(network(lost), { retries: 0 })).rejects.toThrow(/getaddrinfo ENOTFOUND/)
  })

  test('an attempt without an answer ends after its time', async () => {
    const net = network('hang', chart())
    expect((await read(net, { timeoutMs: 10 })).bars.date.length).toBe(2)
    await expect(read(network('hang'), { timeoutMs: 10, retries: 0 })).rejects.toThrow(
      /no answer within 10 ms/,
    )
  })

  test('the caller can interrupt an attempt and a wait', async () => {
    const controller = new AbortController()
    const pending = read(network('hang'), { signal: controller.signal })
    controller.abort()
    await expect(pending).rejects.toMatchObject({ code: 'INTERRUPTED' })

    const other = new AbortController()
    const sleep = async () => {
      other.abort()
      throw other.signal.reason
    }
    const waiting = read({ ...network(busy()), sleep }, { signal: other.signal })
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  test('by default it really waits, and a wait can be interrupted', async () => {
    const controller = new AbortController()
    const { sleep: _, ...net } = network(busy(), chart())
    const base = {
      symbol: 'AAPL',
      from: 16_227,
      to: 16_231,
      clock: () => AFTER_CLOSE,
      fetch: net.fetch,
    }
    expect((await fetchYahooBars({ ...base, backoffMs: 4 })).bars.date.length).toBe(2)
    const again = network(busy())
    const pending = fetchYahooBars({ ...base, fetch: again.fetch, signal: controller.signal })
    setTimeout(() => controller.abort(), 5)
    await expect(pending).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})

describe('answers that are no daily bars', () => {
  test('an unknown symbol', async () => {
    const body = failure('Not Found', 'No data found, symbol may be delisted')
    const net = network(new Response(body, { status: 404 }))
    await expect(read(net)).rejects.toMatchObject({
      code: 'SYMBOL_UNKNOWN',
      message: expect.stringMatching(/AAPL.*may be delisted.*BRK-B/),
    })
    expect(net.urls.length).toBe(1)
  })

  test.each<[string, Answer, RegExp]>([
    [
      'a web page with status 200',
      '<!DOCTYPE html><html>Verifying',
      /a web page with HTTP status 200/,
    ],
    ['an empty body', '', /nothing with HTTP status 200/],
    ['other text', 'Edge: Too many', /no JSON/],
    ['no result', '{"chart":{"result":[],"error":null}}', /a chart without any bar/],
    ['no days', chart({ timestamp: [] }), /a chart without any bar/],
    [
      'only null rows',
      chart({
        quote: { open: [null, null], high: [null, null], low: [null, null], close: [null, null] },
      }),
      /a chart without any price/,
    ],
    [
      'columns of another length',
      chart({ quote: { low: [92.07] } }),
      /1 values of 'low' for 2 days/,
    ],
    ['another symbol', chart({ meta: { symbol: 'MSFT' } }), /the chart of MSFT/],
    ['months', chart({ meta: { dataGranularity: '1mo' } }), /bars of "1mo" instead of a day/],
    ['an unknown zone', chart({ meta: { exchangeTimezoneName: 'Mars/Base' } }), /'Mars\/Base'/],
    [
      'a refused request',
      new Response(failure('Bad Request', 'Data doesn’t exist'), { status: 400 }),
      /HTTP status 400, Bad Request: Data doesn’t exist/,
    ],
    [
      'a refused client',
      new Response('<html>', { status: 403 }),
      /a web page with HTTP status 403/,
    ],
  ])('%s', async (_, answer, message) => {
    const net = network(answer)
    await expect(read(net)).rejects.toMatchObject({
      code: 'PROVIDER_REPLY_INVALID',
      message: expect.stringMatching(message),
    })
    expect(net.urls.length).toBe(1)
  })

  test('a malformed symbol is never asked for', async () => {
    const net = reply()
    await expect(read(net, { symbol: '../etc' })).rejects.toMatchObject({ code: 'SYMBOL_INVALID' })
    expect(net.urls).toEqual([])
  })
})
