/** What `run --json` prints is a contract with scripts: fields, types, bits. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type CliOutcome,
  createWorkplace,
  filesBelow,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const MODELS = ['naive', 'ewma', 'har', 'lstm']
const SCORES = ['crps', 'nll', 'rmse', 'mae', 'mapeFraction', 'r2oos', 'mase', 'qlike']
const SHARES = ['coverage80', 'coverage95', 'directionalAccuracy']

let workplace: Workplace
let outcome: CliOutcome
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let first: any

const small = (store: string, ...more: readonly string[]) =>
  workplace.tickerflow(['run', '--store', store, '--config', 'small.json', '--json', ...more])

beforeAll(async () => {
  workplace = await createWorkplace()
  outcome = await small('first')
  first = successOf(outcome)
})
afterAll(() => workplace.remove())

const number = expect.any(Number)
const text = expect.any(String)
const isoDate = expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/)

describe('the document of a run', () => {
  test('is alone on stdout; progress goes to stderr, without colours', () => {
    expect(outcome.stdout.startsWith('{')).toBe(true)
    expect(outcome.stdout.endsWith('}\n')).toBe(true)
    for (const step of ['Read and check prices', 'Judge walk-forward', 'Ask the gate']) {
      expect(outcome.stderr).toContain(step)
    }
    expect(outcome.stderr + outcome.stdout).not.toContain('\u001b')
  })

  test('has every field, of its type', () => {
    expect(first).toEqual({
      symbol: 'AAPL',
      asOf: '2013-03-01',
      historical: true,
      data: {
        rows: 3270,
        first: '2000-03-01',
        last: '2013-03-01',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        findings: expect.any(Array),
      },
      folds: 2,
      scores: expect.any(Object),
      tests: expect.any(Object),
      selection: expect.any(Object),
      run: { id: expect.stringMatching(/^[0-9a-f]{32}$/), experiment: 'aapl-forecaster' },
      version: {
        name: 'aapl-forecaster',
        version: '1',
        environment: expect.stringMatching(/^(development|staging|production)$/),
      },
      gate: {
        decision: expect.stringMatching(/^(promote|hold|insufficient-evidence)$/),
        reasons: expect.any(Array),
        claims: expect.any(Array),
      },
      forecast: {
        horizon: 1,
        referenceClose: 430.47,
        median: number,
        interval80: [number, number],
        interval95: [number, number],
        probabilityUp: number,
        usable: expect.any(Boolean),
        reasons: expect.any(Array),
      },
      report: expect.stringMatching(/report\.html$/),
      durationMs: number,
    })
    expect(first.gate.reasons.map((reason: unknown) => typeof reason)).toContain('string')
  })

  test('has a finding for each doubt about the data, with rows and remedy', () => {
    expect(first.data.findings.length).toBeGreaterThan(0)
    for (const finding of first.data.findings) {
      expect(finding).toEqual({
        check: text,
        severity: 'warning',
        message: expect.stringContaining('AAPL row '),
        remedy: text,
        rows: expect.any(Array),
        count: number,
      })
      expect(finding.rows[0]).toEqual({ row: number, date: isoDate })
    }
  })

  test('scores every model in finite numbers, all on the same days', () => {
    expect(Object.keys(first.scores)).toEqual(MODELS)
    for (const scores of Object.values<Record<string, number>>(first.scores)) {
      expect(Object.keys(scores).toSorted()).toEqual([...SCORES, ...SHARES, 'n'].toSorted())
      expect(Object.values(scores).filter((value) => !Number.isFinite(value))).toEqual([])
      expect(scores.n).toBe(502)
      // Log returns, not basis points or per cent.
      expect(scores.crps).toBeGreaterThan(0.005)
      expect(scores.crps).toBeLessThan(0.02)
      for (const share of SHARES) {
        expect(scores[share]).toBeGreaterThan(0.4)
        expect(scores[share]).toBeLessThanOrEqual(1)
      }
    }
    expect(first.scores.naive.r2oos).toBe(0)
  })

  test('tests every model against naive and EWMA, but none against itself', () => {
    expect(Object.keys(first.tests)).toEqual(MODELS)
    const none = { t: null, p: null }
    const some = { t: number, p: number }
    expect(first.tests.naive).toMatchObject({ dmVsNaive: none, dmVsEwma: some })
    expect(first.tests.ewma).toMatchObject({ dmVsNaive: some, dmVsEwma: none })
    expect(first.tests.lstm).toMatchObject({ dmVsNaive: some, dmVsEwma: some })
    expect(first.tests.naive.dmVsEwma.t).toBe(-first.tests.ewma.dmVsNaive.t)
    expect(first.tests.ewma.dmVsNaive.t).toBeLessThan(-2)
    expect(first.tests.ewma.dmVsNaive.p).toBeLessThan(0.05)
  })

  test('forecasts with nested intervals around the median', () => {
    const { interval80, interval95, median, probabilityUp, usable, reasons } = first.forecast
    const inOrder = [interval95[0], interval80[0], median, interval80[1], interval95[1]]
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
    expect(new Set(inOrder).size).toBe(5)
    expect(probabilityUp).toBeGreaterThan(0.3)
    expect(probabilityUp).toBeLessThan(0.7)
    expect(usable).toBe(reasons.length === 0)
  })

  test('names a report that is there, whole, and needs no network', async () => {
    const files = await filesBelow(workplace.directory)
    const name = [...files.keys()].find((file) => file.endsWith('report.html')) ?? ''
    expect(first.report).toBe(workplace.path(name))
    const page = Buffer.from(files.get(name) ?? '', 'base64').toString('utf8')
    expect(page).toMatch(/^<!doctype html>/i)
    expect(page.trimEnd()).toMatch(/<\/html>$/i)
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//)
    expect(page).not.toMatch(/\bNaN\b|undefined|\[object/)
  })
})

/** Everything that has to repeat: no ids, paths or times. */
// biome-ignore lint/suspicious/noExplicitAny: as above
const repeatable = ({ data, folds, scores, tests, gate, forecast }: any) => ({
  data,
  folds,
  scores,
  tests,
  gate,
  forecast,
})

describe('the same again', () => {
  test('in another store and with another number of threads gives the same bits', async () => {
    const second = successOf(await small('second', '--threads', '1'))
    expect(repeatable(second)).toEqual(repeatable(first))
    expect(second.run.id).not.toBe(first.run.id)
  })

  test('with another seed gives another LSTM and the same classical models', async () => {
    const { scores } = successOf(await small('third', '--seed', '8'))
    expect(scores.lstm.crps).not.toBe(first.scores.lstm.crps)
    const { lstm: _, ...classical } = scores
    const { lstm: __, ...classicalBefore } = first.scores
    expect(classical).toEqual(classicalBefore)
  })

  test('as a backtest gives the same scores and tests, and registers nothing', async () => {
    const args = ['backtest', '--store', 'fourth', '--config', 'small.json', '--json']
    const document = successOf(await workplace.tickerflow(args))
    expect(document.scores).toEqual(first.scores)
    expect(document.tests).toEqual(first.tests)
    expect(document).toMatchObject({ horizon: 1, seed: 7, refit: 'yearly', folds: 2, skipped: [] })
    const models = await workplace.tickerflow(['models', '--store', 'fourth', '--json'])
    expect(successOf(models)).toEqual([])
  })
})

test('without --json a person gets the same in words, without colours where there is no terminal', async () => {
  const args = ['run', '--store', 'fifth', '--config', 'small.json']
  const environment = { CI: 'true' }
  const { exitCode, stdout } = await workplace.tickerflow(args, { environment })
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^AAPL: 3270 sessions, 2000-03-01 to 2013-03-01$/m)
  for (const model of MODELS) expect(stdout).toMatch(new RegExp(`^${model} +\\d+\\.\\d\\d `, 'm'))
  expect(stdout).toMatch(/^Gate: (promote|hold|insufficient-evidence) → aapl-forecaster version 1/m)
  expect(stdout).toMatch(
    /^Forecast for the next session \(AAPL, from 2013-03-01, close \$430\.47\)/m,
  )
  expect(stdout).toContain('historical data, not a forecast for today')
  expect(stdout).not.toContain('\u001b')
  expect(stdout).not.toMatch(/NaN|undefined|null/)
})

describe('a longer horizon and the other commands', () => {
  test('--horizon 5 forecasts five sessions ahead', async () => {
    const { forecast, scores } = successOf(await small('sixth', '--horizon', '5'))
    expect(forecast.horizon).toBe(5)
    expect(scores.naive.crps).toBeGreaterThan(1.8 * first.scores.naive.crps)
    expect(scores.naive.n).toBe(502)
  })

  test('train registers a version in Development without judging it', async () => {
    const args = ['train', '--store', 'seventh', '--config', 'small.json', '--json']
    expect(successOf(await workplace.tickerflow(args))).toEqual({
      symbol: 'AAPL',
      trainedTo: '2013-03-01',
      epochs: 3,
      run: { id: text, experiment: 'aapl-forecaster' },
      version: { name: 'aapl-forecaster', version: '1', environment: 'development' },
    })
    const asked = await workplace.tickerflow([
      'forecast',
      '--store',
      'seventh',
      '--model-version',
      '1',
      '--json',
    ])
    const document = successOf(asked)
    expect(document).toMatchObject({ symbol: 'AAPL', version: '1', historical: true, horizon: 1 })
    expect(document.usable).toBe(false)
    expect(document.reasons).toEqual(['aapl-forecaster version 1 is not in Production'])
  })

  test('ingest and check print the data part of the document', async () => {
    const args = ['--store', 'eighth', '--symbol', 'aapl', '--json']
    const stored = successOf(await workplace.tickerflow(['ingest', ...args]))
    expect(stored).toEqual({ symbol: 'AAPL', source: 'sample', historical: true, ...first.data })
    const looked = successOf(await workplace.tickerflow(['check', ...args]))
    expect(looked).toEqual({ symbol: 'AAPL', historical: true, blocked: false, data: first.data })
  })

  test('ingest of a panel prints one part per symbol', async () => {
    const args = ['ingest', '--store', 'ninth', '--panel', 'MSFT,IBM', '--json']
    const parts = successOf(await workplace.tickerflow(args))
    expect(parts.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['AAPL', 'MSFT', 'IBM'])
  })
})
