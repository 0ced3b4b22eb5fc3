/** Drift as `tickerflow monitor` and the server see it, on prices of a market whose truth is known. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bars } from '../../src/market/bars.ts'
import { createBars, sliceBars } from '../../src/market/create-bars.ts'
import { exp, log } from '../../src/numerics/elementary.ts'
import { lookAtDrift } from '../../src/pipeline/monitor/drift-look.ts'
import { monitorSymbol } from '../../src/pipeline/monitor/monitor.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import { simulateBars } from '../simulated-bars.ts'
import { openLifecycle, type TestLifecycle } from './lifecycle-application.ts'
import { promote, registerFitted } from './serving-fixture.ts'

const TRAINED = 1700
const DAY_MS = 86_400_000
const model = 'aapl-forecaster'

let lifecycle: TestLifecycle
let version: number
const all = simulateBars({ symbol: 'AAPL', sessions: 1900, seed: 'drift-look' })
const training = sliceBars(all, 0, TRAINED)

beforeEach(async () => {
  lifecycle = await openLifecycle({ calendar: 'weekdays' }, { nowMs: 0 })
  const fitted = await registerFitted(lifecycle.app, training, {
    spec: { name: 'har' },
    knowsItsData: true,
  })
  version = fitted.version
})

afterEach(async () => await lifecycle.end())

/** Log prices move `factor` times as much after the training span. */
function movingTimes(factor: number): Bars {
  const base = log(training.close.at(-1) as number)
  const change = (column: Float64Array) =>
    column.map((price, t) => (t < TRAINED ? price : exp(base + factor * (log(price) - base))))
  const columns = {
    ...{ date: all.date, volume: all.volume },
    ...{ open: change(all.open), high: change(all.high) },
    ...{ low: change(all.low), close: change(all.close) },
  }
  return createBars({ ...all, columns })
}

const look = (bars: Bars, window?: number) =>
  lookAtDrift(lifecycle.app, { symbol: 'AAPL', bars, model, version, window })

test('prices that go on as before are stable, with a score for every column', async () => {
  const { verdict, report } = await look(all)
  expect(verdict).toMatchObject({ verdict: 'stable', window: 60, since: null })
  expect(Object.keys(verdict.scores)).toEqual(
    expect.arrayContaining([
      'scaledReturn',
      'volumeSurprise',
      'forecastScale',
      'combination of columns',
    ]),
  )
  // HAR's location is always zero: a column that does not vary is not judged.
  expect(verdict.scores).not.toHaveProperty('forecastLocation')
  expect(report?.columns.every(({ distance, threshold }) => distance < threshold)).toBe(true)
})

test('a market three times as volatile is drift, and the session that raised it is named', async () => {
  const { verdict } = await look(movingTimes(3))
  expect(verdict.verdict).toBe('drift')
  expect(verdict.since).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  expect(verdict.drifted).toBeGreaterThanOrEqual(13)
  expect(verdict.reasons.join()).toMatch(/standard deviations away/)
})

test('what happens later changes nothing of an earlier look', async () => {
  const [now, then] = [movingTimes(3), movingTimes(1)]
  expect(await look(sliceBars(now, 0, TRAINED))).toEqual(await look(sliceBars(then, 0, TRAINED)))
})

test('the verdict is in the report of a look and in what the server shows', async () => {
  const { app, config } = lifecycle
  await app.bars.save(movingTimes(3))
  Object.assign(app, { clock: () => (all.date.at(-1) as number) * DAY_MS + 25 * 3_600_000 })
  promote(app, version)
  const report = await monitorSymbol(app, { config, symbol: 'AAPL' })
  expect(report.drift).toEqual((await look(movingTimes(3))).verdict)
  const server = await createForecastServer({
    app,
    config,
    limits: { maxEventLoopDelayMs: 0 },
    access: { host: '127.0.0.1' },
  })
  try {
    const gauges = await server.inject('/metrics')
    expect(gauges.body).toMatch(/drift_score\{[^}]*feature="scaledReturn"[^}]*\} \d/)
  } finally {
    await server.close()
  }
})

test('inputs unlike any of the training span make an answer unusable, and it says so', async () => {
  const { app, config } = lifecycle
  Object.assign(app, { clock: () => (all.date.at(-1) as number) * DAY_MS + 25 * 3_600_000 })
  promote(app, version)
  const ask = async (bars: Bars) => {
    await app.bars.save(bars)
    const server = await createForecastServer({
      app,
      config,
      limits: { maxEventLoopDelayMs: 0 },
      access: { host: '127.0.0.1' },
    })
    try {
      return (await server.inject('/api/v1/forecasts/AAPL')).json()
    } finally {
      await server.close()
    }
  }
  expect(await ask(all)).toMatchObject({ usable: true, reasons: [] })
  const crashed = await ask(movingTimes(12))
  expect(crashed.usable).toBe(false)
  expect(crashed.reasons.join()).toMatch(/unlike those of all \d+ training sessions/)
})

test.each([
  ['a window too long for the training span', async () => await look(all, 500), /needs 2000/],
  [
    'bars too short for their features',
    async () => await look(sliceBars(all, 0, 40)),
    /complete features/,
  ],
  [
    'a version that does not say what it was trained on',
    async () => {
      const { app } = lifecycle
      const other = await registerFitted(app, training, { spec: { name: 'ewma' } })
      return await lookAtDrift(app, { symbol: 'AAPL', bars: all, model, version: other.version })
    },
    /does not say what it was trained on/,
  ],
  [
    'training prices that are not in this store',
    async () => {
      const { app } = lifecycle
      const load = app.bars.load
      const elsewhere = { ...app, bars: { ...app.bars, load: () => load('AAPL', '0'.repeat(64)) } }
      return await lookAtDrift(elsewhere, { symbol: 'AAPL', bars: all, model, version })
    },
    /not in this store/,
  ],
])('%s leaves drift unknown, with the reason', async (_, ask, words) => {
  const { verdict, report } = await ask()
  expect(verdict.verdict).toBe('unknown')
  expect(verdict.reasons.join()).toMatch(words)
  expect(report).toBeUndefined()
})
