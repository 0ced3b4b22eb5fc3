/** One version, several horizons: each is answered by its own forecaster, and judged by itself. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { forecastDocument } from '../../src/pipeline/run-document.ts'
import { DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'
import { judgeHorizon } from '../../src/registry/horizon-verdicts.ts'
import {
  barsBody,
  openServing,
  promote,
  QUICK_LSTM,
  type RegisteredModel,
  registerFitted,
  type ServingFixture,
} from './serving-fixture.ts'

let fixture: ServingFixture
let model: RegisteredModel

beforeAll(async () => {
  fixture = await openServing()
  const { app, bars } = fixture
  model = await registerFitted(app, bars, { spec: QUICK_LSTM, furtherHorizons: [5, 20] })
  passHorizon(5)
  promote(app, model.version)
}, 60_000)
afterAll(() => fixture.end())

/** Puts evidence before the gate that leaves nothing to be desired. */
function passHorizon(horizon: number): void {
  const { app } = fixture
  const n = 3000
  const series = (at: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => at(i))
  /** Around 0, within ±0.5, with a rhythm of its own. */
  const wave = (i: number, step: number) => ((i * step) % 17) / 16 - 0.5
  const own = series((i) => 1 + 0.1 * wave(i, 1))
  const verdict = judgeHorizon(app.database, {
    model: 'aapl-forecaster',
    version: model.version,
    recipe: '0'.repeat(64),
    evidence: {
      horizon,
      losses: {
        candidate: own,
        naive: series((i) => 1.3 + 0.1 * wave(i, 1) + 0.02 * wave(i, 3)),
        classical: { har: series((i) => 1.1 + 0.1 * wave(i, 1) + 0.02 * wave(i, 5)) },
      },
      direction: { forecasts: own, outcomes: series((i) => wave(i, 7)) },
      coverage80: 0.8,
      coverage95: 0.95,
      leakageFindings: [],
      dataAgeSessions: 0,
      historical: true,
    },
    policy: DEFAULT_GATE_POLICY,
    atMs: app.clock(),
  })
  expect(verdict.decision, verdict.reasons.join(' ')).toBe('promote')
}

test('each horizon is answered with the bits of its own forecaster, from stored and given bars', async () => {
  const { server, bars } = fixture
  const frame = buildFeatureFrame(bars)
  const last = bars.date.length - 1
  for (const forecaster of [model.forecaster, ...model.further]) {
    const forecast = forecaster.forecast(frame, last)
    if (forecast === undefined) throw new Error('no forecast of the last row')
    const { horizon } = forecaster
    const { usable: _, reasons: __, ...figures } = forecastDocument(forecast, [])
    const stored = await server.inject(`/api/v1/forecasts/AAPL?horizon=${horizon}`)
    expect(stored.json()).toMatchObject({
      ...figures,
      horizon,
      distribution: forecast.distribution,
      version: String(model.version),
    })
    const given = barsBody(bars, last + 1 - forecaster.lookback, last + 1)
    const body = { symbol: 'AAPL', bars: given, horizon }
    const reply = await server.inject({ method: 'POST', url: '/api/v1/forecasts', body })
    expect(reply.json().forecasts[0].distribution).toEqual(forecast.distribution)
  }
})

test('the naive forecast beside it looks as far ahead', async () => {
  const baselineAt = async (horizon: number) => {
    const reply = await fixture.server.inject(`/api/v1/forecasts/AAPL?horizon=${horizon}`)
    return reply.json().baseline.distribution
  }
  expect((await baselineAt(20)).scale).toBeGreaterThan(2 * (await baselineAt(1)).scale)
})

test('without a horizon the one that the version is promoted on is answered', async () => {
  const { horizon, usable } = (await fixture.server.inject('/api/v1/forecasts/AAPL')).json()
  expect({ horizon, usable }).toEqual({ horizon: 1, usable: true })
})

test('a further horizon is usable only if the gate has passed it', async () => {
  const read = async (horizon: number) =>
    (await fixture.server.inject(`/api/v1/forecasts/AAPL?horizon=${horizon}`)).json()
  expect(await read(5)).toMatchObject({ usable: true, reasons: [] })
  const { usable, reasons } = await read(20)
  expect(usable).toBe(false)
  expect(reasons.join()).toMatch(/gate was not asked about the 20-session forecasts/)
})

test('a horizon that the version lacks is refused with those that it has', async () => {
  const reply = await fixture.server.inject('/api/v1/forecasts/AAPL?horizon=3')
  expect(reply.statusCode).toBe(422)
  expect(reply.json().detail).toContain('forecasts 1, 5, 20 session(s) ahead, not 3')
})
