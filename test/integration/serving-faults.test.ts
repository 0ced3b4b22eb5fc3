/** Every kind of bad request gets its documented status and says what is wrong; nothing crashes. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCalendar } from '../../src/market/calendar.ts'
import { createBars, sliceBars } from '../../src/market/create-bars.ts'
import { checkBars } from '../../src/market/quality.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { isPlain } from '../../src/serving/forecasts/supplied-bars.ts'
import {
  barsBody,
  openServing,
  promote,
  registerFitted,
  type ServingFixture,
} from './serving-fixture.ts'

let fixture: ServingFixture
let address: string

beforeAll(async () => {
  fixture = await openServing({ limits: { bodyBytes: 200_000, requestTimeoutMs: 1_000 } })
  const { app, bars, server } = fixture
  const { version } = await registerFitted(app, bars, { spec: { name: 'har' } })
  promote(app, version)
  address = await server.listen({ host: '127.0.0.1', port: 0 })
}, 60_000)
afterAll(() => fixture.end())

const post = (body: unknown, url = '/api/v1/forecasts') =>
  fixture.server.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

function goodBars() {
  const { bars } = fixture
  return barsBody(bars, bars.date.length - 300, bars.date.length)
}

const without = (row: number) => {
  const columns = Object.entries(goodBars()).map(([name, column]) => [
    name,
    column.toSpliced(row, 1),
  ])
  return Object.fromEntries(columns)
}
const cell = (name: string, value: unknown) => ({
  ...goodBars(),
  [name]: goodBars().close.toSpliced(7, 1, value as number),
})

test.each([
  ['malformed JSON', () => post('{"symbols": ["AAPL"'), 400],
  ['NaN', () => post('{"symbol": "AAPL", "bars": {"close": [NaN]}}'), 400],
  ['an infinity in disguise', () => post('{"symbols": ["AAPL"], "level": 1e999}'), 400],
  ['a poisoned prototype', () => post('{"symbols": ["AAPL"], "__proto__": {"x": 1}}'), 400],
  ['numbers as text', () => post({ symbols: ['AAPL'], level: '0.9' }), 400],
  ['unknown fields', () => post({ symbols: ['AAPL'], lvl: 0.9 }), 400],
  ['both kinds of question', () => post({ symbols: ['AAPL'], symbol: 'AAPL' }), 400],
  ['no question', () => post({}), 400],
  [
    '10,000 symbols',
    () => post({ symbols: Array.from({ length: 10_000 }, (_, i) => `S${i}`) }),
    400,
  ],
  [
    'columns of different lengths',
    () => post({ symbol: 'AAPL', bars: { ...goodBars(), open: [1] } }),
    400,
  ],
  ['a price that is no number', () => post({ symbol: 'AAPL', bars: cell('close', null) }), 400],
  [
    'a day that does not exist',
    () =>
      post({
        symbol: 'AAPL',
        bars: { ...goodBars(), date: goodBars().date.toSpliced(0, 1, '2011-02-30') },
      }),
    400,
  ],
  ['a hole in the last month', () => post({ symbol: 'AAPL', bars: without(290) }), 422],
  ['a price of zero', () => post({ symbol: 'AAPL', bars: cell('low', 0) }), 422],
  ['too few bars', () => post({ symbol: 'AAPL', bars: barsBody(fixture.bars, 100, 200) }), 422],
  [
    'an unknown session',
    () => fixture.server.inject('/api/v1/forecasts/AAPL?asOf=2013-03-02'),
    422,
  ],
  [
    'a horizon that no model has',
    () => fixture.server.inject('/api/v1/forecasts/AAPL?horizon=5'),
    422,
  ],
  [
    'a truth for a number in the query',
    () => fixture.server.inject('/api/v1/forecasts/AAPL?horizon=true'),
    400,
  ],
  ['no number in the query', () => fixture.server.inject('/api/v1/runs?limit='), 400],
  [
    'a method that no route has, without a body to read',
    () => fixture.server.inject({ method: 'QUERY' as never, url: '/api/v1/runs' }),
    405,
  ],
  ['a level of 2', () => fixture.server.inject('/api/v1/forecasts/AAPL?level=2'), 400],
  ['an unknown symbol', () => fixture.server.inject('/api/v1/forecasts/NOSUCH'), 404],
  ['bars of an unknown symbol', () => fixture.server.inject('/api/v1/symbols/NOSUCH/bars'), 404],
  ['an unknown model', () => fixture.server.inject('/api/v1/models/none'), 404],
  ['a symbol that is none', () => fixture.server.inject('/api/v1/forecasts/..%2f..%2fetc'), 400],
  ['a path trick', () => fixture.server.inject('/api/v1/forecasts/%2e%2e/%2e%2e/etc/passwd'), 404],
  ['a broken escape', () => fixture.server.inject('/api/v1/forecasts/%zz'), 400],
  ['an unknown page token', () => fixture.server.inject('/api/v1/runs?page=xyz'), 400],
  [
    'another media type',
    () =>
      fixture.server.inject({
        method: 'POST',
        url: '/api/v1/forecasts',
        headers: { 'content-type': 'application/xml' },
        body: '<a/>',
      }),
    415,
  ],
  [
    'a wrong method',
    () => fixture.server.inject({ method: 'DELETE', url: '/api/v1/forecasts/AAPL' }),
    405,
  ],
  ['an oversized body', () => post({ symbols: ['A'.repeat(300_000)] }), 413],
] as const)('%s', async (_name, ask, status) => {
  const reply = await ask()
  expect(reply.statusCode, reply.body).toBe(status)
  expect(reply.headers['content-type']).toContain('application/problem+json')
  expect(reply.json()).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:tickerflow:problem:/),
    detail: expect.stringMatching(/\w/),
    instance: expect.stringMatching(/./),
  })
  expect(reply.body).not.toMatch(/node_modules|\.ts:\d|\bat \w+ \(/)
})

test("the inference protocols' own error forms on their paths", async () => {
  const shape = await post(
    { inputs: [{ name: 'features', shape: [1, 3], datatype: 'FP64', data: [1, 2, 3] }] },
    '/v2/models/aapl-forecaster/infer',
  )
  expect(shape.statusCode).toBe(400)
  expect(shape.json().error).toMatch(/\[1,3\], expected \[N, 4\]/)
  const infinite = await post(
    { inputs: [{ name: 'features', shape: [1, 4], datatype: 'FP64', data: [1, 2, 3, 'x'] }] },
    '/v2/models/aapl-forecaster/infer',
  )
  expect(infinite.statusCode).toBe(400)
  const missing = await post({ dataframe_records: [{ nonsense: 1 }] }, '/invocations')
  expect(missing.json()).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' })
  expect(missing.json().message).toMatch(/logRangeVariance1_lag0/)
  const binary = await fixture.server.inject({
    method: 'POST',
    url: '/v2/models/aapl-forecaster/infer',
    headers: { 'content-type': 'application/octet-stream' },
    body: '{}',
  })
  expect([binary.statusCode, binary.json().error]).toEqual([
    415,
    expect.stringContaining("'application/octet-stream', expected application/json"),
  ])
  const version = await fixture.server.inject('/v2/models/aapl-forecaster/versions/99')
  expect([version.statusCode, typeof version.json().error]).toEqual([404, 'string'])
})

test('a model that is unloaded leaves the memory, and comes back when it is asked for', async () => {
  const repository = (path: string) =>
    fixture.server.inject({ method: 'POST', url: `/v2/repository/${path}` })
  expect((await fixture.server.inject('/v2/models/aapl-forecaster/ready')).statusCode).toBe(200)
  expect((await repository('models/aapl-forecaster/unload')).statusCode).toBe(200)
  expect((await repository('index')).json()).toEqual([])
  expect((await repository('models/aapl-forecaster/load')).statusCode).toBe(200)
  expect((await repository('index')).json()).toMatchObject([{ name: 'aapl-forecaster' }])
  expect((await repository('models/nobody-forecaster/load')).json()).toMatchObject({
    status: 404,
    error: expect.stringContaining('nobody-forecaster is not live'),
  })
})

test('a connection that dribbles its request in is ended; others are answered meanwhile', async () => {
  const { port } = new URL(address)
  const slow = connect(Number(port), '127.0.0.1')
  const ended = new Promise<string>((resolve) => {
    let text = ''
    slow.on('data', (part) => {
      text += String(part)
    })
    slow.on('error', () => resolve(text))
    slow.on('close', () => resolve(text))
  })
  slow.write('POST /api/v1/forecasts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le')
  const dribble = setInterval(() => slow.write('n'), 200)
  const other = await fetch(`${address}/api/v1/forecasts/AAPL`)
  expect(other.status).toBe(200)
  expect(await ended).toMatch(/^(HTTP\/1\.1 408|$)/)
  clearInterval(dribble)
})

test('bars that are let through unexamined would pass every check', () => {
  const calendar = createCalendar('nyse')
  const random = createRandom(5)
  const base = sliceBars(fixture.bars, 2900, 3200)
  let plain = 0
  for (let trial = 0; trial < 60; trial++) {
    const row = Math.floor(random.uniform() * 300)
    const factor = 1 + 0.4 * random.normal()
    const bent = (column: Float64Array) => column.map((v, i) => (i === row ? v * factor : v))
    const all = trial % 3 === 0 ? bent : (column: Float64Array) => column.slice()
    const columns = {
      date: base.date,
      open: all(base.open),
      high: all(base.high),
      low: all(base.low),
      close: trial % 3 === 1 ? bent(base.close) : all(base.close),
      volume: base.volume,
    }
    const bars = createBars({ ...base, columns })
    if (!isPlain(bars, calendar)) continue
    plain++
    const limits = { minimumRows: 0, advisedRows: 0 }
    const findings = checkBars(bars, { calendar, now: 0, historical: true, limits })
    expect(findings.filter(({ severity }) => severity === 'blocking')).toEqual([])
  }
  expect(plain).toBeGreaterThan(10)
})
