/** The lifecycle on prices from Yahoo, whose answers are made here from the sample's. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Bars } from '../../src/market/bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { runLifecycle } from '../../src/pipeline/lifecycle.ts'
import { ingestBars } from '../../src/pipeline/market-data.ts'
import { filesBelow } from './cli-process.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

vi.setConfig({ testTimeout: 60_000 })

/** The evening after the sample's last session. */
const EVENING = Date.parse('2013-03-01T23:00:00Z')

let lifecycle: TestLifecycle
let sample: Bars

beforeEach(async () => {
  sample = await readSampleBars('AAPL')
  lifecycle = await openLifecycle({ source: 'yahoo' }, { nowMs: EVENING })
})
afterEach(() => lifecycle.end())

/** A chart reply with the first `rows` sessions of the sample. */
function chartReply(rows = sample.date.length): string {
  const timestamp = Array.from(sample.date.subarray(0, rows), (day) =>
    Math.round(Date.parse(`${formatDay(day)}T15:00:00Z`) / 1000),
  )
  const column = (values: Float64Array) => Array.from(values.subarray(0, rows))
  const { open, high, low, close, volume } = sample
  const quote = { open, high, low, close, volume }
  const columns = Object.entries(quote).map(([name, values]) => [name, column(values)])
  const result = {
    meta: { symbol: 'AAPL', exchangeTimezoneName: 'America/New_York', dataGranularity: '1d' },
    timestamp,
    indicators: { quote: [Object.fromEntries(columns)] },
  }
  return JSON.stringify({ chart: { result: [result], error: null } })
}

/** The application with a network that always answers the same. */
function answering(reply: () => Response): { app: Application; urls: string[] } {
  const urls: string[] = []
  const fetch = async (url: string | URL | Request) => {
    urls.push(String(url))
    return reply()
  }
  return { app: { ...lifecycle.app, fetch }, urls }
}

const ok = (body: string) => () => new Response(body)
const ingest = (app: Application) => ingestBars(app, { symbol: 'AAPL', config: lifecycle.config })
const storedFiles = () => filesBelow(lifecycle.app.directory.bars)

describe('a useful answer', () => {
  test('is checked and stored, twenty years asked for', async () => {
    const { app, urls } = answering(ok(chartReply()))
    const { bars, historical, ageSessions } = await ingest(app)
    expect(bars).toMatchObject({ symbol: 'AAPL', source: 'yahoo', basis: 'split-adjusted' })
    expect([...bars.close]).toEqual([...sample.close])
    expect({ historical, ageSessions }).toEqual({ historical: false, ageSessions: 0 })
    expect((await app.bars.loadLatest('AAPL'))?.digest).toBe(bars.digest)
    const { searchParams } = new URL(urls[0] ?? '')
    const years =
      (Number(searchParams.get('period2')) - Number(searchParams.get('period1'))) / 31_557_600
    expect(years).toBeCloseTo(20, 1)
  })

  test('carries a whole lifecycle, whose forecast is usable now', async () => {
    const { app } = answering(ok(chartReply()))
    const { config } = lifecycle
    const document = await runLifecycle(app, { config, progress: silentProgress() })
    expect(document).toMatchObject({
      asOf: '2013-03-01',
      historical: false,
      gate: { decision: 'promote' },
      version: { environment: 'production' },
      forecast: { usable: true, reasons: [] },
    })
  })

  test('that is a few sessions old makes a forecast that says so', async () => {
    const { app } = answering(ok(chartReply(sample.date.length - 3)))
    const { config } = lifecycle
    const document = await runLifecycle(app, { config, progress: silentProgress() })
    expect(document.asOf).toBe('2013-02-26')
    expect(document.forecast).toMatchObject({
      usable: false,
      reasons: ['prices are 3 sessions old'],
    })
    expect(document.data.findings.map(({ check }) => check)).toContain('stale')
  })

  test('that is shorter than what is stored is told as lost history', async () => {
    await ingest(answering(ok(chartReply())).app)
    const { findings } = await ingest(answering(ok(chartReply(3000))).app)
    expect(findings.map(({ check }) => check)).toContain('history-lost')
  })
})

describe('no useful answer leaves the store as it was', () => {
  const page = '<!doctype html><title>Verify you are human</title>'
  const unknown = { chart: { result: null, error: { code: 'Not Found', description: 'No data' } } }
  const busy = () =>
    new Response('Too Many Requests', { status: 429, headers: { 'retry-after': '0' } })

  test.each<[string, () => Response, string, RegExp]>([
    ['429 for ever', busy, 'PROVIDER_UNAVAILABLE', /tried 5 times.*429.*--csv FILE/],
    [
      'a server that asks for an hour of peace',
      () => new Response('', { status: 429, headers: { 'retry-after': '3600' } }),
      'PROVIDER_UNAVAILABLE',
      /tried once.*3600 s/,
    ],
    ['a web page with status 200', ok(page), 'PROVIDER_REPLY_INVALID', /AAPL/],
    ['nothing', ok(''), 'PROVIDER_REPLY_INVALID', /AAPL/],
    [
      'an unknown symbol',
      () => new Response(JSON.stringify(unknown), { status: 404 }),
      'SYMBOL_UNKNOWN',
      /finance\.yahoo\.com/,
    ],
    ['a handful of rows', () => new Response(chartReply(10)), 'DATA_BLOCKED', /Only 10 sessions/],
  ])('%s', async (_, reply, code, words) => {
    await ingest(answering(ok(chartReply())).app)
    const before = await storedFiles()
    await expect(ingest(answering(reply).app)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    })
    expect(await storedFiles()).toEqual(before)
  })

  test('Ctrl-C while there is no connection', async () => {
    const failing = answering(() => {
      throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') })
    })
    const controller = new AbortController()
    const stopped = ingestBars(failing.app, {
      symbol: 'AAPL',
      config: lifecycle.config,
      signal: controller.signal,
    })
    setTimeout(() => controller.abort(), 50)
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(await lifecycle.app.bars.loadLatest('AAPL')).toBeUndefined()
  })
})
