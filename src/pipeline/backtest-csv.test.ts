import { describe, expect, test } from 'vitest'
import type { Backtest } from '../evaluation/backtest.ts'
import { parseIsoDate } from '../market/trading-date.ts'
import { backtestCsv } from './backtest-csv.ts'

const backtest: Backtest = {
  symbol: 'AAPL',
  horizon: 1,
  folds: [],
  date: Int32Array.of(parseIsoDate('2004-12-31') as number, parseIsoDate('2005-01-03') as number),
  fold: Int32Array.of(0, 1),
  referenceClose: Float64Array.of(0.1 + 0.2, 32.2),
  outcome: Float64Array.of(-1 / 3, 1e-21),
  varianceProxy: Float64Array.of(1e-4, 1e-4),
  naivePriceError: Float64Array.of(1, 1),
  tracks: ['naive', 'har'].map((model, i) => ({
    model,
    location: Float64Array.of(0, i / 7),
    scale: Float64Array.of(0.02 / 3, Math.PI / 100),
    degreesOfFreedom: Float64Array.of(5, 1e6 / 3),
  })),
}

describe('the CSV of a backtest', () => {
  const text = backtestCsv(backtest)
  const [header, ...rows] = text.trimEnd().split('\n')

  test('has one row per day and model, in the order of the days', () => {
    expect(header).toBe(
      'date,model,reference_close,outcome_log_return,location,scale,degrees_of_freedom,fold',
    )
    expect(rows.map((row) => row.split(',').slice(0, 2).join(' '))).toEqual([
      '2004-12-31 naive',
      '2004-12-31 har',
      '2005-01-03 naive',
      '2005-01-03 har',
    ])
    expect(text.endsWith('\n')).toBe(true)
  })

  test('reads back to the same bits', () => {
    const read = rows.map((row) => row.split(',').slice(2).map(Number))
    const expected = [0, 1].flatMap((row) =>
      backtest.tracks.map((track) => [
        backtest.referenceClose[row],
        backtest.outcome[row],
        track.location[row],
        track.scale[row],
        track.degreesOfFreedom[row],
        backtest.fold[row],
      ]),
    )
    expect(read).toStrictEqual(expected)
  })

  test('of no days is the header alone', () => {
    const none = { ...backtest, date: new Int32Array() }
    expect(backtestCsv(none)).toBe(`${header}\n`)
  })
})
