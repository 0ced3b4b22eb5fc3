/** One store over several runs: what is promoted, what is held, and what the commands tell of it. */
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CONFIG = { ...SMALL_CONFIG, evaluation: { from: '2009-01-01', to: '2012-12-31' } }
const CLASSICAL = ['naive', 'drift', 'ewma', 'garch', 'har']

let workplace: Workplace
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let promoted: any
// biome-ignore lint/suspicious/noExplicitAny: as above
let held: any

const read = async (...args: readonly string[]) =>
  successOf(await workplace.tickerflow([...args, '--json']))
const words = async (...args: readonly string[]) => (await workplace.tickerflow(args)).stdout

/** The forecast within the answer of `tickerflow forecast`. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function forecastOf({ symbol, asOf, model, version, historical, ...forecast }: any) {
  return forecast
}

beforeAll(async () => {
  workplace = await createWorkplace()
  const har = { ...CONFIG, models: ['naive', 'ewma', 'har'], candidate: 'har' }
  await workplace.write('har.json', har)
  await workplace.write('drift.json', { ...CONFIG, models: CLASSICAL, candidate: 'drift' })
  promoted = await read('run', '--config', 'har.json')
  held = await read('run', '--config', 'drift.json')
})
afterAll(() => workplace.remove())

describe('a run that the gate promotes', () => {
  test('ends with a Production version, with every claim that was upheld', () => {
    expect(promoted.gate.decision).toBe('promote')
    expect(promoted.version).toEqual({
      name: 'aapl-forecaster',
      version: '1',
      environment: 'production',
    })
    expect(promoted.gate.reasons.join('\n')).toMatch(/lower than the naive forecast/)
    expect(promoted.forecast).toMatchObject({ usable: true, reasons: [] })
  })

  test('forecasts what `forecast` answers afterwards, bit for bit', async () => {
    const answer = await read('forecast')
    expect(answer).toMatchObject({
      symbol: 'AAPL',
      asOf: '2013-03-01',
      model: 'aapl-forecaster',
      version: '1',
      historical: true,
    })
    const { calibrated, ...own } = answer
    expect(forecastOf(own)).toEqual(promoted.forecast)
    // Nothing has matured yet that an interval could learn from.
    expect(calibrated).toBeNull()
  })
})

describe('a run that the gate holds', () => {
  test('says why, and leaves Production as it was', async () => {
    expect(held.gate.decision).toBe('hold')
    expect(held.gate.reasons.length).toBeGreaterThan(0)
    expect(held.version).toMatchObject({ version: '2', environment: 'development' })
    expect(await read('models')).toEqual([{ name: 'aapl-forecaster', live: 1, development: 2 }])
  })

  test('judged the version in Production beside its candidate', () => {
    expect(Object.keys(held.scores)).toEqual([...CLASSICAL, 'champion'])
    expect(held.scores.champion).toEqual(held.scores.har)
  })

  test('still forecasts with what is in Production', () => {
    expect(held.forecast).toEqual(promoted.forecast)
  })

  test('its version forecasts when asked for, marked as not in Production', async () => {
    const answer = await read('forecast', '--model-version', '2')
    expect(answer).toMatchObject({ version: '2', usable: false })
    expect(answer.reasons).toEqual(['aapl-forecaster version 2 is not in Production'])
    expect(forecastOf(answer).median).not.toBe(promoted.forecast.median)
  })
})

describe('what the commands tell', () => {
  test('runs: the newest first, each with its own score', async () => {
    const runs = await read('runs')
    expect(runs.map(({ id }: { id: string }) => id)).toEqual([held.run.id, promoted.run.id])
    for (const run of runs) {
      expect(run).toMatchObject({ status: 'FINISHED', startedAt: expect.any(String) })
      expect(Date.parse(run.endedAt)).toBeGreaterThanOrEqual(Date.parse(run.startedAt))
    }
    const crps = (1e4 * held.scores.drift.crps).toFixed(2)
    expect(await words('runs')).toMatch(new RegExp(`^${held.run.id} .*finished.* ${crps}$`, 'm'))
    expect(await read('runs', '--limit', '1')).toHaveLength(1)
  })

  test('runs show: parameters, metrics, data and artifacts, by the beginning of the id', async () => {
    const run = await read('runs', 'show', promoted.run.id.slice(0, 8))
    expect(run).toMatchObject({
      id: promoted.run.id,
      params: { model: 'har', symbol: 'AAPL', horizon: '1', seed: '7', trained_to: '2013-03-01' },
      metrics: { 'har.crps': promoted.scores.har.crps, 'naive.crps': promoted.scores.naive.crps },
    })
    expect(run.inputs[0].dataset.name).toBe('AAPL daily bars')
    expect(promoted.data.digest.startsWith(run.inputs[0].dataset.digest)).toBe(true)
    const names = run.artifacts.map((place: string) => basename(place))
    expect(names.toSorted()).toEqual([
      'backtest',
      'configuration.json',
      'gate',
      'model',
      'model-card.md',
      'pipeline',
      'plots',
      'report.html',
    ])
    expect(run.artifacts).toContain(promoted.report)
    expect(await words('runs', 'show', promoted.run.id)).toMatch(/har\.crps +0\.00/)
  })

  test('models show: versions, what is live, and how each decision came about', async () => {
    const model = await read('models', 'show', 'aapl-forecaster')
    expect(model).toMatchObject({ name: 'aapl-forecaster', live: 1 })
    expect(model.versions).toMatchObject([
      { version: 2, live: false, runId: held.run.id },
      { version: 1, live: true, runId: promoted.run.id, tags: { 'tickerflow.symbols': 'AAPL' } },
    ])
    expect(model.promotions).toMatchObject([
      { version: 1, environment: 'staging', state: 'committed', decision: 'promote' },
      { version: 1, environment: 'production', state: 'committed', approver: 'policy:local' },
      { version: 2, state: 'refused', decision: 'hold', approver: null, committedAt: null },
    ])
    expect(model.promotions[2].reasons).toEqual(held.gate.reasons)
    const told = await words('models', 'show', 'aapl-forecaster')
    expect(told).toContain('aapl-forecaster: version 1 in Production')
    expect(told).toContain(held.gate.reasons[0])
    expect(await words('models')).toMatch(/^aapl-forecaster +version 1 +version 2$/m)
  })
})

describe('afterwards', () => {
  test('--require-promotion turns a hold into exit code 4, the document printed all the same', async () => {
    const args = ['run', '--config', 'drift.json', '--require-promotion', '--json']
    const outcome = await workplace.tickerflow(args)
    expect(outcome.exitCode).toBe(4)
    expect(documentOf(outcome)).toMatchObject({
      gate: { decision: 'hold' },
      version: { version: '3', environment: 'development' },
    })
    expect((await read('models'))[0].live).toBe(1)
  })

  test('a run of another horizon is answered at its own horizon, not at that of Production', async () => {
    const { gate, forecast } = await read('run', '--config', 'drift.json', '--horizon', '5')
    expect(gate.decision).toBe('hold')
    expect(forecast).toMatchObject({ horizon: 5, usable: false })
  })

  test('the promoted recipe on the same evidence is a new version, at no further cost', async () => {
    const args = ['run', '--config', 'har.json', '--require-promotion', '--json']
    const again = successOf(await workplace.tickerflow(args))
    expect(again.version).toMatchObject({ version: '5', environment: 'production' })
    expect(again.gate).toEqual(promoted.gate)
    expect(again.scores).toEqual(promoted.scores)
    expect(again.forecast).toEqual(promoted.forecast)
  })

  test('on other evidence it is another look, on stricter terms', async () => {
    const { gate } = await read('run', '--config', 'har.json', '--to', '2011-12-31')
    expect(gate.reasons.join('\n')).toContain('at look 2')
  })

  test('another symbol has a model of its own', async () => {
    const { version } = await read('run', '--config', 'har.json', '--symbol', 'MSFT')
    expect(version).toMatchObject({ name: 'msft-forecaster', version: '1' })
    const names = (await read('models')).map(({ name }: { name: string }) => name)
    expect(names.toSorted()).toEqual(['aapl-forecaster', 'msft-forecaster'])
  })
})
