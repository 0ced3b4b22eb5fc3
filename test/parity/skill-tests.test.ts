/** Tests of skill against statsmodels, SciPy and NumPy; fixture by scripts/skill-tests.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { TestResult } from '../../src/evaluation/backtest.ts'
import { dieboldMariano } from '../../src/evaluation/skill/diebold-mariano.ts'
import { directionTest, pesaranTimmermann } from '../../src/evaluation/skill/direction.ts'
import { christoffersen, kupiec } from '../../src/evaluation/skill/interval-coverage.ts'
import { relativeLossBound } from '../../src/evaluation/skill/relative-loss.ts'
import { sessionsNeeded } from '../../src/evaluation/skill/sessions-needed.ts'

interface Fixture {
  losses: {
    a: number[]
    b: number[]
    horizon: number
    lag: number | null
    t: number
    p: number
    difference: number
    standardError: number
    upper: number
    sessions: number | null
  }[]
  directions: {
    forecasts: number[]
    outcomes: number[]
    pesaranTimmermann: TestResult
    accuracy: number
    majorityShare: number
    binomialP: number
  }[]
  coverages: {
    misses: number[]
    nominal: number
    coverage: TestResult
    independence: TestResult
    conditionalCoverage: TestResult
  }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/skill-tests.json', import.meta.url), 'utf8'),
)

function expectSame(actual: TestResult, expected: TestResult): void {
  expect(actual.t).toBeCloseTo(expected.t ?? NaN, 10)
  expect((actual.p ?? NaN) / (expected.p ?? NaN)).toBeCloseTo(1, 9)
}

describe('losses', () => {
  const cases = fixture.losses.map(({ a, b, horizon, lag, ...expected }) => ({
    n: a.length,
    horizon,
    lag,
    pair: [Float64Array.from(a), Float64Array.from(b)] as const,
    options: lag === null ? { horizon } : { horizon, lag },
    expected,
  }))

  test.each(cases)('Diebold–Mariano, $n days, horizon $horizon, lag $lag', (one) => {
    expectSame(dieboldMariano(...one.pair, one.options), one.expected)
  })

  test.each(cases)('relative bound, $n days, horizon $horizon, lag $lag', (one) => {
    const bound = relativeLossBound(...one.pair, one.options)
    expect(bound.difference).toBeCloseTo(one.expected.difference, 12)
    expect(bound.standardError).toBeCloseTo(one.expected.standardError, 12)
    expect(bound.upper).toBeCloseTo(one.expected.upper, 12)
  })

  test.each(cases)('sessions needed after $n days, horizon $horizon, lag $lag', (one) => {
    expect(sessionsNeeded(...one.pair, one.options)).toBe(one.expected.sessions)
  })
})

describe('directions', () => {
  test.each(fixture.directions)('$outcomes.length days', ({ forecasts, outcomes, ...expected }) => {
    expectSame(pesaranTimmermann(forecasts, outcomes), expected.pesaranTimmermann)
    const direction = directionTest(forecasts, outcomes)
    expect(direction.accuracy).toBe(expected.accuracy)
    expect(direction.majorityShare).toBe(expected.majorityShare)
    expect((direction.p ?? NaN) / expected.binomialP).toBeCloseTo(1, 9)
  })
})

describe('interval coverage', () => {
  test.each(fixture.coverages)(
    '$misses.length days at $nominal',
    ({ misses, nominal, ...expected }) => {
      const result = christoffersen(misses, nominal)
      expectSame(result.coverage, expected.coverage)
      expectSame(result.independence, expected.independence)
      expectSame(result.conditionalCoverage, expected.conditionalCoverage)
      const total = misses.reduce((sum, miss) => sum + miss, 0)
      expectSame(kupiec(total, misses.length, nominal), expected.coverage)
    },
  )
})
