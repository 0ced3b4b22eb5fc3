/** What the server answers is what a backtest forecasts, bit for bit, whichever way it is asked. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { exportOnnx } from '../../src/forecast/model-catalogue.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import { readLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import { forecastDocument } from '../../src/pipeline/run-document.ts'
import { createLedgerRecorder } from '../../src/serving/forecasts/ledger-recorder.ts'
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
const TRAINED_ROWS = 2600

beforeAll(async () => {
  fixture = await openServing()
  const { app, bars } = fixture
  model = await registerFitted(app, bars, { spec: QUICK_LSTM, rows: TRAINED_ROWS })
  promote(app, model.version)
}, 60_000)
afterAll(() => fixture.end())

/** What a walk-forward fold with this fit forecasts at the row. */
function backtestForecast(row: number) {
  const forecast = model.forecaster.forecast(buildFeatureFrame(fixture.bars), row)
  if (forecast === undefined) throw new Error(`no forecast at ${row}`)
  return forecast
}

test('a stored symbol: the same bits as the backtest, for the last session and for one asked for', async () => {
  const { server, bars } = fixture
  for (const row of [TRAINED_ROWS + 40, bars.date.length - 1]) {
    const forecast = backtestForecast(row)
    const asOf = formatDay(bars.date[row] ?? 0)
    const reply = await server.inject(`/api/v1/forecasts/AAPL?asOf=${asOf}`)
    expect(reply.statusCode).toBe(200)
    const { usable, reasons, ...figures } = forecastDocument(forecast, [])
    expect(reply.json()).toMatchObject({
      ...figures,
      symbol: 'AAPL',
      asOf,
      model: 'aapl-forecaster',
      version: String(model.version),
      historical: true,
      distribution: forecast.distribution,
    })
    expect(usable).toBe(true)
    expect(reasons).toEqual([])
  }
})

test("the caller's bars: the model's lookback alone gives the backtest's bits", async () => {
  const { server, bars } = fixture
  const { lookback } = model.forecaster
  for (const row of [TRAINED_ROWS + 7, TRAINED_ROWS + 300, bars.date.length - 1]) {
    for (const length of [lookback, lookback + 123]) {
      const body = { symbol: 'aapl', bars: barsBody(bars, row + 1 - length, row + 1) }
      const reply = await server.inject({ method: 'POST', url: '/api/v1/forecasts', body })
      expect(reply.statusCode, reply.body).toBe(200)
      const [answer] = reply.json().forecasts
      expect(answer.distribution).toEqual(backtestForecast(row).distribution)
      expect(answer.median).toBe(forecastDocument(backtestForecast(row), []).median)
    }
  }
})

test('the columns of the ONNX export: the same engine, the same bits', async () => {
  const { server, bars } = fixture
  const frame = buildFeatureFrame(bars)
  const rows = [TRAINED_ROWS + 1, TRAINED_ROWS + 2, bars.date.length - 1]
  const { columns } = exportOnnx(model.forecaster.serialise())
  const data = rows.map((row) => columns.map((column) => column.valueAt(frame, row)))
  const infer = await server.inject({
    method: 'POST',
    url: '/v2/models/aapl-forecaster/infer',
    body: {
      id: 'echoed',
      inputs: [
        { name: 'features', shape: [3, columns.length], datatype: 'FP64', data: data.flat() },
      ],
    },
  })
  expect(infer.json()).toMatchObject({
    id: 'echoed',
    model_name: 'aapl-forecaster',
    outputs: [
      { name: 'location', shape: [3, 1] },
      { name: 'scale', data: rows.map((row) => backtestForecast(row).distribution.scale) },
      { name: 'degrees_of_freedom' },
    ],
  })
  const names = columns.map(({ name }) => name)
  const records = data.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])))
  const csv = [names.join(','), ...data.map((row) => row.join(','))].join('\n')
  const forms = [
    { body: { dataframe_split: { columns: names, data } } },
    { body: { dataframe_records: records } },
    { body: { instances: records } },
    { body: { inputs: data } },
    { body: csv, headers: { 'content-type': 'text/csv' } },
  ]
  for (const form of forms) {
    const reply = await server.inject({ method: 'POST', url: '/invocations', ...form })
    expect(reply.statusCode, reply.body).toBe(200)
    const scales = reply.json().predictions.map((one: { scale: number }) => one.scale)
    expect(scales).toEqual(rows.map((row) => backtestForecast(row).distribution.scale))
  }
})

test('says why a forecast should not be acted on: a moment that the model was trained on', async () => {
  const { server, bars } = fixture
  const asOf = formatDay(bars.date[TRAINED_ROWS - 100] ?? 0)
  const answer = (await server.inject(`/api/v1/forecasts/AAPL?asOf=${asOf}`)).json()
  expect(answer.usable).toBe(false)
  expect(answer.reasons.join()).toMatch(/trained to/)
  expect(answer.reasons.join()).toMatch(/sessions old/)
})

test('many symbols at once: forecasts for some, the problem of each other', async () => {
  const body = { symbols: ['AAPL', 'aapl', 'MSFT', 'NOPE'], level: 0.5 }
  const reply = await fixture.server.inject({ method: 'POST', url: '/api/v1/forecasts', body })
  expect(reply.statusCode).toBe(200)
  const { forecasts, problems } = reply.json()
  expect(forecasts[0].interval.level).toBe(0.5)
  expect(problems.map(({ status }: { status: number }) => status)).toEqual([404, 404])
})

test('is answered after its line is in the ledger; what cannot be recorded is not usable', async () => {
  let fails = false
  const lines: number[] = []
  const recording = await openServing({
    record: async (forecasts) => {
      if (fails) throw new Error('disk full')
      lines.push(forecasts.length)
    },
  })
  try {
    const { version } = await registerFitted(recording.app, recording.bars, {
      spec: { name: 'ewma' },
    })
    promote(recording.app, version)
    expect((await recording.server.inject('/api/v1/forecasts/AAPL')).json().usable).toBe(true)
    expect(lines).toEqual([2])
    fails = true
    const answer = (await recording.server.inject('/api/v1/forecasts/AAPL')).json()
    expect(answer).toMatchObject({ usable: false, reasons: ['unrecorded'] })
  } finally {
    await recording.end()
  }
})

test('the ledger keeps who spoke, from what, and what the caller supplied as supplied', async () => {
  const { app, bars } = fixture
  const ledger = app.openLedger('api-test')
  const record = createLedgerRecorder({
    ledger,
    calendar: createCalendar('nyse'),
    clock: app.clock,
  })
  const forecast = backtestForecast(bars.date.length - 1)
  const common = { forecast, model: 'aapl-forecaster', version: 1, requestId: 'r' } as const
  const inputs = bars.digest
  await record([{ ...common, role: 'champion', inputs, supplied: false }])
  await record([
    { ...common, role: 'champion', inputs, supplied: true },
    { ...common, role: 'baseline', inputs, supplied: true },
  ])
  const lines = [...readLedger(app.database)].filter(({ chain }) => chain === 'api-test')
  expect(lines.map(({ role }) => role)).toEqual(['champion', 'supplied'])
  expect(lines[0]).toMatchObject({ inputs, late: true, distribution: forecast.distribution })
})
