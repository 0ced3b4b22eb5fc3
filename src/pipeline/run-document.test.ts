import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import type { Scores } from '../evaluation/backtest.ts'
import type { Judgement } from '../evaluation/judgement.ts'
import type { Forecast } from '../forecast/forecast.ts'
import { formatDay } from '../market/trading-date.ts'
import { dataDocument, forecastDocument, scoresDocument } from './run-document.ts'

const forecast: Forecast = {
  symbol: 'AAPL',
  asOf: 15_765,
  horizon: 5,
  distribution: { location: 0.001, scale: 0.03, degreesOfFreedom: 6 },
  referenceClose: 61.5,
}

describe('the document of a forecast', () => {
  const document = forecastDocument(forecast, [])

  test('has nested price intervals around the median, in price units', () => {
    const { interval80, interval95, median, referenceClose, horizon } = document
    expect([horizon, referenceClose]).toEqual([5, 61.5])
    const ordered = [interval95[0], interval80[0], median, interval80[1], interval95[1]]
    expect(ordered).toEqual([...ordered].sort((a, b) => a - b))
    expect(median).toBeCloseTo(61.5 * 1.0010005, 6)
    expect(interval95[0]).toBeGreaterThan(50)
    expect(interval95[1]).toBeLessThan(75)
  })

  test('leans to a rise when the location is above zero', () => {
    expect(document.probabilityUp).toBeGreaterThan(0.5)
    expect(document.probabilityUp).toBeLessThan(0.53)
  })

  test('is usable unless there are reasons against it', () => {
    expect(document).toMatchObject({ usable: true, reasons: [] })
    const stale = forecastDocument(forecast, ['prices are 9 sessions old'])
    expect(stale).toMatchObject({ usable: false, reasons: ['prices are 9 sessions old'] })
  })
})

test('the document of the scores has null where a number is undefined', () => {
  const scores = { crps: 0.012, nll: Number.POSITIVE_INFINITY, r2oos: Number.NaN, n: 10 }
  const judgement = { scores: { har: scores as Scores }, tests: {}, losses: {}, pit: {} }
  const document = scoresDocument(judgement satisfies Judgement)
  expect(document.har).toEqual({ crps: 0.012, nll: null, r2oos: null, n: 10 })
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})

test('the document of the data tells its rows, its span and its digest', () => {
  const bars = simulateBars({ sessions: 20, seed: 'document' })
  expect(dataDocument(bars, [])).toEqual({
    rows: 20,
    first: '2000-03-02',
    last: formatDay(bars.date[19] as number),
    digest: bars.digest,
    findings: [],
  })
})
