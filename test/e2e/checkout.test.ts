/** The main job in a checkout, as the README has it: real prices to a judged, registered forecaster. */
import { access, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'
import { npm } from './npm-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

let workplace: Workplace
let checkoutBefore: readonly string[]
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let document: any

beforeAll(async () => {
  workplace = await createWorkplace()
  checkoutBefore = await readdir(CHECKOUT)
  const args = ['start', '--silent', '--', '--store', workplace.path('store'), '--json']
  document = documentOf(await npm(args, { directory: CHECKOUT }))
})
afterAll(() => workplace.remove())

describe('npm start', () => {
  test('takes the bundled AAPL prices through the whole lifecycle in under three minutes', () => {
    expect(document).toMatchObject({
      symbol: 'AAPL',
      asOf: '2013-03-01',
      historical: true,
      data: { rows: 3270, first: '2000-03-01', last: '2013-03-01' },
      folds: 8,
      forecast: { horizon: 1, referenceClose: 430.47 },
    })
    expect(document.durationMs).toBeLessThan(180_000)
    for (const { n } of Object.values<{ n: number }>(document.scores)) expect(n).toBe(2013)
  })

  test('judges the LSTM beside the baselines, and it beats EWMA and the naive forecast', () => {
    const { scores, tests } = document
    const expected = ['naive', 'ewma', 'garch', 'har', 'lstm']
    expect(Object.keys(scores)).toEqual(expect.arrayContaining(expected))
    expect(scores.lstm.crps).toBeLessThan(scores.ewma.crps)
    expect(scores.lstm.crps).toBeLessThan(scores.naive.crps)
    expect(tests.lstm.dmVsNaive.t).toBeLessThan(-3)
    expect(scores.lstm.coverage80).toBeGreaterThan(0.75)
    expect(scores.lstm.coverage80).toBeLessThan(0.85)
  })

  test('ends with a version in Production, which forecasts', () => {
    expect(document.gate.decision).toBe('promote')
    expect(document.version).toEqual({
      name: 'aapl-forecaster',
      version: '1',
      environment: 'production',
    })
    expect(document.forecast).toMatchObject({ usable: true, reasons: [] })
  })

  test('writes the report into the store, and nothing into the checkout', async () => {
    await access(document.report)
    expect(document.report.startsWith(workplace.path('store'))).toBe(true)
    expect(await readdir(CHECKOUT)).toEqual(checkoutBefore)
  })
})

describe('npx tickerflow', () => {
  const npx = (...args: readonly string[]) =>
    npm(['exec', '--offline', '--', 'tickerflow', ...args], { directory: CHECKOUT })

  test('works without an installation, and reads the store of npm start', async () => {
    const help = await npx('--help')
    expect(help.stdout).toContain('Usage: tickerflow')
    const answer = successOf(await npx('forecast', '--store', workplace.path('store'), '--json'))
    expect(answer).toMatchObject({ version: '1', median: document.forecast.median })
  })
})
