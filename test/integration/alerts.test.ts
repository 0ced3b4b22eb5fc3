/** From a look at a model, or a job that fails, to the channel that is told. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createBars, sliceBars } from '../../src/market/create-bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import { listAlerts } from '../../src/monitoring/alerts/alert-store.ts'
import { createChannels } from '../../src/monitoring/alerts/channels/create-channels.ts'
import { deliverAlerts } from '../../src/pipeline/alerts/raise-alerts.ts'
import { monitorSymbol } from '../../src/pipeline/monitor/monitor.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import { createWorkplace, SMALL_CONFIG, type Workplace } from './cli-process.ts'
import { openLifecycle, type TestLifecycle } from './lifecycle-application.ts'

const DAY_MS = 86_400_000

let lifecycle: TestLifecycle
let place: Workplace
let hook: Server
let url = ''
let messages: {
  readonly notices: readonly { readonly kind: string; readonly alert: { readonly rule: string } }[]
}[]
let answers = 200

beforeEach(async () => {
  lifecycle = await openLifecycle({}, { nowMs: 0 })
  place = await createWorkplace()
  messages = []
  answers = 200
  hook = createServer((request, reply) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      if (answers === 200) messages.push(JSON.parse(text))
      reply.statusCode = answers
      reply.end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
})

afterEach(async () => {
  hook.closeAllConnections()
  await new Promise((resolve) => hook.close(resolve))
  await place.remove()
  await lifecycle.end()
})

const told = () =>
  messages.flatMap(({ notices }) => notices.map(({ kind, alert }) => `${kind} ${alert.rule}`))

/** Bars of a file, as if there were none after, looked at some sessions later. */
async function keepBars(rows: number, daysLater: number): Promise<void> {
  const { app } = lifecycle
  const bars = createBars({
    ...sliceBars(await readSampleBars('AAPL'), 0, rows),
    columns: sliceBars(await readSampleBars('AAPL'), 0, rows),
    source: 'csv',
  })
  await app.bars.save(bars)
  const now = ((bars.date.at(-1) as number) + daysLater) * DAY_MS + 22 * 3_600_000
  const channels = createChannels([{ kind: 'webhook', format: 'json', url }], {
    secretOf: () => undefined,
    fetch,
    write: () => {},
    expiryMs: DAY_MS,
  })
  Object.assign(app, { clock: () => now, wallClock: () => now, alertChannels: channels })
}

test('stale prices are told once by many looks, and told to be over when new ones have come', async () => {
  const { app, config } = lifecycle
  await keepBars(1_200, 10)
  await monitorSymbol(app, { config, symbol: 'AAPL' })
  await deliverAlerts(app)
  await monitorSymbol(app, { config, symbol: 'AAPL' })
  await deliverAlerts(app)
  expect(told()).toEqual(['raised data-stale'])
  const [alert] = listAlerts(app.database, { all: false, limit: 5 })
  const last = formatDay((await readSampleBars('AAPL')).date[1_199] as number)
  expect(alert?.summary).toContain(`The prices of AAPL end on ${last}`)
  await keepBars(1_220, 0)
  await monitorSymbol(app, { config, symbol: 'AAPL' })
  await deliverAlerts(app)
  expect(told()).toEqual(['raised data-stale', 'resolved data-stale'])
})

test('the server lists alerts, counts them as a metric, and keeps who acknowledged one', async () => {
  const { app, config } = lifecycle
  await keepBars(1_200, 10)
  await monitorSymbol(app, { config, symbol: 'AAPL' })
  const server = await createForecastServer({
    app,
    config,
    limits: { maxEventLoopDelayMs: 0 },
    access: { host: '127.0.0.1' },
  })
  try {
    const listed = (await server.inject('/api/v1/alerts')).json()
    expect(listed.alerts).toMatchObject([{ rule: 'data-stale', subject: 'AAPL', resolvedAt: null }])
    expect(listed.waiting).toEqual([{ channel: 'webhook', waiting: 1, error: null }])
    const { body: metrics } = await server.inject('/metrics')
    expect(metrics).toContain('open_alerts{rule="data-stale",severity="warning"} 1')
    const path = (id: string) => `/api/v1/alerts/${id}/acknowledge`
    const done = await server.inject({ method: 'POST', url: path(listed.alerts[0].id) })
    expect(done.json()).toMatchObject({ acknowledgedBy: app.user })
    expect((await server.inject({ method: 'POST', url: path('nobody') })).statusCode).toBe(404)
  } finally {
    await server.close()
  }
})

test('on the command line: a job that fails is told, kept while the channel is down, and over in the end', async () => {
  const config = await place.write('alerts.json', {
    ...SMALL_CONFIG,
    schedule: { ingest: 'close', monitor: null, retrain: null, forecast: null },
    alerts: { channels: [{ kind: 'webhook', format: 'json', urlVariable: 'HOOK_URL' }] },
  })
  const flags = ['--config', config, '--store', place.path('store'), '--json']
  const at = (instant: string, environment: Readonly<Record<string, string>> = { HOOK_URL: url }) =>
    place.tickerflow(
      [
        'schedule',
        'start',
        '--once',
        ...flags,
        '--symbol',
        'NOPE',
        '--source',
        'sample',
        '--now',
        instant,
      ],
      { environment },
    )
  await at('2013-01-02T12:00:00Z')
  answers = 503
  const failed = await at('2013-01-02T22:00:00Z')
  expect(failed.stderr).toMatch(
    /webhook has not taken 1 notice\(s\): 127\.0\.0\.1:\d+ answered 503/,
  )
  const open = await place.tickerflow(['alerts', ...flags])
  expect(JSON.parse(open.stdout)).toMatchObject({
    alerts: [{ rule: 'job-failed', subject: 'ingest NOPE', severity: 'warning' }],
    waiting: [{ channel: 'webhook', waiting: 1 }],
  })
  answers = 200
  await at('2013-01-03T22:00:00Z')
  expect(told()).toEqual(['raised job-failed'])
  const { id } = JSON.parse(open.stdout).alerts[0]
  const seen = await place.tickerflow(['alerts', 'acknowledge', id.slice(0, 6), ...flags])
  expect(JSON.parse(seen.stdout).acknowledgedBy).not.toBeNull()
})

test('alerts test says of each channel whether it took the message', async () => {
  const channels = [
    { kind: 'webhook', name: 'good', format: 'slack', url },
    { kind: 'webhook', name: 'unset', format: 'json', urlVariable: 'NOBODY_SETS_THIS' },
  ]
  const config = await place.write('alerts.json', { ...SMALL_CONFIG, alerts: { channels } })
  const flags = ['--config', config, '--store', place.path('store')]
  const all = await place.tickerflow(['alerts', 'test', ...flags])
  expect(all.exitCode).toBe(1)
  expect(all.stdout).toContain('good: taken')
  expect(all.stderr).toContain('the environment variable NOBODY_SETS_THIS is not set')
  const one = await place.tickerflow(['alerts', 'test', '--channel', 'good', ...flags])
  expect(one.exitCode).toBe(0)
  expect(messages).toHaveLength(2)
  const none = await place.tickerflow(['alerts', 'test', '--channel', 'bad', ...flags])
  expect(none.exitCode).toBe(2)
  expect(none.stderr).toContain("There is no channel 'bad'")
})
