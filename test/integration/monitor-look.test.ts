/** One look after another at a live model, on a store of its own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TickerflowError } from '../../src/errors.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { createForecaster } from '../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../src/market/bars.ts'
import { createBars } from '../../src/market/create-bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import type { ForecastRole } from '../../src/monitoring/ledger/ledger-line.ts'
import { latestReports } from '../../src/monitoring/report-store.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { monitorSymbol } from '../../src/pipeline/monitor/monitor.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import { openLifecycle, type TestLifecycle } from './lifecycle-application.ts'
import { promote, registerFitted } from './serving-fixture.ts'

const SESSIONS = 120
const DAY_MS = 86_400_000
const ewma = { name: 'ewma' } as const

let lifecycle: TestLifecycle
let bars: Bars
let now: number

beforeEach(async () => {
  lifecycle = await openLifecycle({}, { nowMs: 0 })
  const all = await readSampleBars('AAPL')
  bars = await save(all, 1_200)
  const { app } = lifecycle
  now = (bars.date.at(-1) as number) * DAY_MS + 22 * 3_600_000
  Object.assign(app, { clock: () => now })
  const { version } = await registerFitted(app, bars, { spec: ewma, rows: 1_000 })
  promote(app, version)
  await issue('champion', 'aapl-forecaster', version)
  await issue('baseline', 'naive', 0)
})

afterEach(async () => await lifecycle.end())

async function save(all: Bars, count: number, change = (close: Float64Array) => close) {
  const cut = (column: Float64Array) => column.slice(0, count)
  const close = change(cut(all.close))
  const columns = {
    date: all.date.slice(0, count),
    open: cut(all.open),
    high: cut(all.high).map((value, row) => Math.max(value, close[row] as number)),
    low: cut(all.low).map((value, row) => Math.min(value, close[row] as number)),
    close,
    volume: cut(all.volume),
  }
  const kept = createBars({ ...all, source: 'csv', columns, dividends: [], splits: [] })
  await lifecycle.app.bars.save(kept)
  return kept
}

/** Forecasts of the last sessions; the very last one has no outcome yet. */
async function issue(role: ForecastRole, model: string, version: number): Promise<void> {
  const frame = buildFeatureFrame(bars)
  const spec = role === 'baseline' ? { name: 'naive' as const } : ewma
  const span = { from: bars.date[0] as number, to: bars.date[999] as number }
  const random = createRandom(3)
  const fitted = createForecaster(spec).fit({
    frames: [frame],
    symbol: 'AAPL',
    span,
    horizon: 1,
    random,
  })
  const ledger = lifecycle.app.openLedger('test')
  for (let row = bars.date.length - SESSIONS - 1; row < bars.date.length; row++) {
    const forecast = fitted.forecast(frame, row)
    if (forecast === undefined) throw new Error(`no forecast from row ${row}`)
    const { symbol, asOf, horizon, distribution, referenceClose } = forecast
    const common = { symbol, asOf, horizon, distribution, referenceClose, inputs: bars.digest }
    await ledger.append([
      { forecast: { ...common, model, version, role, issuedAtMs: asOf * DAY_MS, late: false } },
    ])
  }
}

const look = async () => {
  const { app, config } = lifecycle
  return await monitorSymbol(app, { config, symbol: 'AAPL' })
}

test('a look settles what has matured and says how the live version does', async () => {
  const report = await look()
  expect(report.notes).toEqual([])
  expect(report.outcomes).toMatchObject({ matured: 2 * SESSIONS, pending: 2, closed: 0 })
  const champion = report.performance.find(({ role }) => role === 'champion')
  expect(champion).toMatchObject({ matured: SESSIONS, pending: 1, version: report.liveVersion })
  expect(champion?.skill.naive?.n).toBe(SESSIONS)
  expect(champion?.calibration.pitCounts.reduce((sum, n) => sum + n, 0)).toBe(SESSIONS)
  expect(champion?.estimated.pendingCrps).toBeGreaterThan(0)
  expect(champion?.estimated.realisedRatio).toBeCloseTo(
    (champion?.crps ?? 0) / (champion?.estimated.maturedCrps ?? 1),
    12,
  )
  expect(champion?.change.naive?.alarm).toBe(false)
  const [regret] = report.regret
  const naive = report.performance.find(({ model }) => model === 'naive')
  expect(regret?.regret).toBeCloseTo((champion?.crps ?? 0) - (naive?.crps ?? 0), 15)
})

test('two looks at once count nothing twice, in the ledger and in the tracking store', async () => {
  const reports = await Promise.all([look(), look()])
  expect(reports.map(({ outcomes }) => outcomes.matured).toSorted()).toEqual([0, 2 * SESSIONS])
  const { app } = lifecycle
  const experiment = await app.tracking.getExperimentByName('aapl-forecaster')
  const { items } = await app.tracking.searchRuns({
    experimentIds: [experiment?.id ?? ''],
    filter: "tags.`tickerflow.monitoring` = 'true'",
  })
  expect(items).toHaveLength(1)
  const run = items[0]?.id ?? ''
  const history = await app.tracking.getMetricHistory(run, 'live.champion.h1.crps')
  expect(history.items.map(({ step }) => step)).toEqual(
    Array.from({ length: SESSIONS }, (_, i) => i + 1),
  )
  const [second, first] = latestReports(app.database, 'aapl-forecaster', 10)
  expect(second?.previousId).toBe(first?.id)
})

test('a tracking server that is away is noted, and the next look logs what is missing', async () => {
  const { tracking } = lifecycle.app
  const gone = new TickerflowError('TRACKING_UNAVAILABLE', 'gone')
  const logBatch = vi.spyOn(tracking, 'logBatch').mockRejectedValueOnce(gone)
  expect((await look()).notes).toEqual([expect.stringContaining('TRACKING_UNAVAILABLE')])
  expect((await look()).notes).toEqual([])
  const [run] = logBatch.mock.lastCall ?? ['']
  const history = await tracking.getMetricHistory(run, 'live.champion.h1.crps')
  expect(history.items).toHaveLength(SESSIONS)
})

test('a clock that goes backwards changes no score, and reports keep their order', async () => {
  const before = await look()
  now -= 400 * DAY_MS
  const after = await look()
  expect(after.outcomes.matured).toBe(0)
  expect(after.modelAgeSeconds).toBe(0)
  expect(after.performance.map(({ crps }) => crps)).toEqual(
    before.performance.map(({ crps }) => crps),
  )
  expect(latestReports(lifecycle.app.database, 'aapl-forecaster', 1)[0]?.id).toBe(after.id)
})

test('a restated close is scored anew and counted', async () => {
  await look()
  await save(bars, bars.date.length, (close) =>
    close.map((value, row) => (row === close.length - 10 ? value * 1.01 : value)),
  )
  expect((await look()).outcomes).toMatchObject({ matured: 0, restated: 2 })
})

test('forecasts of a symbol whose prices ended long ago are closed, and settled if they come', async () => {
  now += 60 * DAY_MS
  expect((await look()).outcomes).toMatchObject({ pending: 0, closed: 2 })
  await save(await readSampleBars('AAPL'), 1_201)
  expect((await look()).outcomes).toMatchObject({ matured: 2, pending: 0, closed: 0 })
})

test('the server shows the reports and the ledger', async () => {
  const report = await look()
  const { app, config } = lifecycle
  const server = await createForecastServer({
    app,
    config,
    limits: { maxEventLoopDelayMs: 0 },
    access: { host: '127.0.0.1' },
  })
  const monitoring = await server.inject('/api/v1/monitoring/aapl-forecaster')
  expect(monitoring.json()).toEqual({ latest: report, history: [report] })
  const ledger = await server.inject('/api/v1/ledger?chain=test&limit=3&before=10')
  expect(ledger.json().lines.map(({ seq }: { seq: number }) => seq)).toEqual([9, 8, 7])
  expect(ledger.json().heads).toMatchObject([{ chain: 'test', seq: 2 * (SESSIONS + 1) }])
  const metrics = (await server.inject('/metrics')).body
  const champion = report.performance.find(({ role }) => role === 'champion')
  const labels = `model_name="aapl-forecaster",symbol="AAPL",role="champion"`
  const lines = metrics.split('\n').filter((line) => line.includes(labels))
  expect(lines.find((line) => line.startsWith('forecast_loss{'))).toMatch(` ${champion?.crps}`)
  expect(lines.find((line) => line.startsWith('labels_pending{'))).toMatch(/ 1$/)
  expect(metrics).toMatch(/^model_age_seconds\{model_name="aapl-forecaster"\} \d/m)
  expect(metrics).toMatch(/^data_age_seconds\{symbol="AAPL"\} \d/m)
  await server.close()
})
