import { describe, expect, test } from 'vitest'
import type { Backtest, Scores } from './backtest.ts'
import { type Judgement, testsAgainst } from './judgement.ts'
import { pooledJudgement } from './pooled-judgement.ts'

const NO_TEST = { t: null, p: null }

function backtestOf(symbol: string, date: readonly number[], horizon = 1): Backtest {
  const column = () => new Float64Array(date.length)
  return {
    symbol,
    horizon,
    folds: [],
    date: Int32Array.from(date),
    fold: new Int32Array(date.length),
    referenceClose: column(),
    outcome: column(),
    varianceProxy: column(),
    naivePriceError: column(),
    tracks: [],
  }
}

function scoresOf(changes: Partial<Scores>): Scores {
  return {
    crps: 0,
    nll: 0,
    rmse: 0,
    mae: 0,
    mapeFraction: 0,
    r2oos: 0,
    mase: 0,
    qlike: 0,
    coverage80: 0,
    coverage95: 0,
    directionalAccuracy: 0,
    n: 0,
    ...changes,
  }
}

/** Losses of each day by model; the CRPS score is their mean. */
function judgementOf(losses: Readonly<Record<string, readonly number[]>>): Judgement {
  const models = Object.entries(losses)
  const mean = (days: readonly number[]) => days.reduce((a, b) => a + b, 0) / days.length
  const scored = models.map(([model, days]) => {
    return [model, scoresOf({ crps: mean(days), nll: -mean(days), n: days.length })]
  })
  return {
    scores: Object.fromEntries(scored),
    tests: {},
    losses: Object.fromEntries(models.map(([model, days]) => [model, Float64Array.from(days)])),
    pit: Object.fromEntries(
      models.map(([model, days]) => [model, Float64Array.from(days, (_, i) => i / 10)]),
    ),
  }
}

const calm = judgementOf({ naive: [1, 3, 2], har: [1, 1, 1] })
const wild = judgementOf({ naive: [20, 20], har: [10, 40] })
const calmDays = backtestOf('CALM', [10, 11, 12])
const wildDays = backtestOf('WILD', [12, 13])

describe('pooledJudgement', () => {
  const pooled = pooledJudgement([calmDays, wildDays], [calm, wild])

  test('of one symbol is its own judgement', () => {
    expect(pooledJudgement([calmDays], [calm])).toBe(calm)
  })

  test('takes a day as the mean over its symbols of the loss relative to naive', () => {
    expect([...(pooled.losses.naive ?? [])]).toEqual([0.5, 1.5, (1 + 1) / 2, 1])
    expect([...(pooled.losses.har ?? [])]).toEqual([0.5, 0.5, (0.5 + 0.5) / 2, 2])
  })

  test('has the means of the scores, and the sum of the days', () => {
    expect(pooled.scores.har).toMatchObject({ crps: (1 + 25) / 2, nll: -13, n: 5 })
    expect(pooled.scores.naive).toMatchObject({ crps: 11, n: 5 })
  })

  test('joins the transforms of all symbols', () => {
    expect([...(pooled.pit.har ?? [])]).toEqual([0, 0.1, 0.2, 0, 0.1])
  })

  test('tests the daily losses, in the order of the days', () => {
    expect(pooled.tests).toEqual(testsAgainst(pooled.losses, 1))
    expect(pooled.tests.naive?.dmVsNaive).toEqual(NO_TEST)
  })

  test('does not depend on the order of the symbols, but for the order of the transforms', () => {
    const turned = pooledJudgement([wildDays, calmDays], [wild, calm])
    expect(turned.losses).toEqual(pooled.losses)
    expect(turned.scores).toEqual(pooled.scores)
    expect(turned.tests).toEqual(pooled.tests)
  })

  test('gives a symbol no more weight for being more volatile', () => {
    const wilder = judgementOf({ naive: [160, 160], har: [80, 320] })
    expect(pooledJudgement([calmDays, wildDays], [calm, wilder]).losses).toEqual(pooled.losses)
  })

  test('takes losses as they are where there is no naive forecast', () => {
    const [a, b] = [judgementOf({ har: [1, 1, 1] }), judgementOf({ har: [3, 5] })]
    const { losses } = pooledJudgement([calmDays, wildDays], [a, b])
    expect([...(losses.har ?? [])]).toEqual([1, 1, 2, 5])
  })

  test('tests over the horizon of the backtests', () => {
    const days = Array.from({ length: 80 }, (_, i) => i)
    const bumpy = (seed: number) => days.map((day) => 1 + ((day * 37 + seed) % 11) / 10)
    const judgements = [1, 2].map((seed) =>
      judgementOf({ naive: bumpy(seed), har: bumpy(seed + 5) }),
    )
    const weekly = ['A', 'B'].map((symbol) => backtestOf(symbol, days, 20))
    const { tests, losses } = pooledJudgement(weekly, judgements)
    expect(tests).toEqual(testsAgainst(losses, 20))
    expect(tests).not.toEqual(testsAgainst(losses, 1))
  })

  test.each([
    ['no backtest', [], []],
    ['a judgement too few', [calmDays, wildDays], [calm]],
  ])('refuses %s', (_, backtests, judgements) => {
    expect(() => pooledJudgement(backtests, judgements)).toThrow(RangeError)
  })
})
