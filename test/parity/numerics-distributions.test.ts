/** Distributions, fits and regressions against mpmath, SciPy and NumPy. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { binomialTest } from '../../src/numerics/binomial.ts'
import { chiSquaredCdf, chiSquaredSurvival } from '../../src/numerics/chi-squared.ts'
import { log } from '../../src/numerics/elementary.ts'
import { leastSquares } from '../../src/numerics/least-squares.ts'
import { normalCdf, normalDensity, normalQuantile } from '../../src/numerics/normal.ts'
import {
  digamma,
  erf,
  erfc,
  lgamma,
  logGammaHalfStep,
  regularisedBeta,
  regularisedGammaP,
  regularisedGammaQ,
} from '../../src/numerics/special.ts'
import {
  autocovariance,
  longRunVariance,
  mean,
  quantile,
  variance,
} from '../../src/numerics/statistics.ts'
import {
  fitStudentT,
  type StudentTFit,
  studentTCdf,
  studentTCrps,
  studentTLogDensity,
  studentTQuantile,
} from '../../src/numerics/student-t.ts'

interface ReferenceFit extends StudentTFit {
  readonly meanLogLikelihood: number
}

interface Fixture {
  values: Record<string, number[][]>
  binomialTests: [number, number, number, number, number, number][]
  fits: { sample: number[]; free: ReferenceFit; centred: ReferenceFit }[]
  statistics: {
    series: number[]
    mean: number
    sampleVariance: number
    populationVariance: number
    autocovariance: number[]
    longRun: number[]
    quantiles: [number, number][]
  }
  regressions: {
    columns: number[][]
    target: number[]
    coefficients: number[]
    rSquared: number
  }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/numerics-distributions.json', import.meta.url), 'utf8'),
)

/** Largest error, each relative to max(|expected|, floor): floor 0 is relative, 1 mixed. */
function largestError(name: string, f: (...values: number[]) => number, floor: number) {
  const rows = fixture.values[name] ?? []
  let worst = { error: 0, at: [] as number[] }
  for (const row of rows) {
    const expected = row.at(-1) ?? NaN
    const at = row.slice(0, -1)
    const error = Math.abs(f(...at) - expected) / Math.max(Math.abs(expected), floor)
    if (!(error <= worst.error)) worst = { error, at }
  }
  return { count: rows.length, ...worst }
}

describe('distributions agree with mpmath and SciPy', () => {
  test.each([
    { name: 'lgamma', f: lgamma, bound: 8e-15, floor: 1 },
    { name: 'digamma', f: digamma, bound: 1e-14, floor: 1 },
    { name: 'logGammaHalfStep', f: logGammaHalfStep, bound: 3e-15, floor: 1 },
    { name: 'erf', f: erf, bound: 4e-16, floor: 0 },
    { name: 'erfc', f: erfc, bound: 1e-15, floor: 0 },
    { name: 'regularisedGammaP', f: regularisedGammaP, bound: 4e-14, floor: 0 },
    { name: 'regularisedGammaQ', f: regularisedGammaQ, bound: 4e-14, floor: 0 },
    { name: 'regularisedBeta', f: regularisedBeta, bound: 2e-13, floor: 0 },
    { name: 'normalDensity', f: normalDensity, bound: 2e-13, floor: 0 },
    { name: 'normalCdf', f: normalCdf, bound: 3e-13, floor: 0 },
    { name: 'normalQuantile', f: normalQuantile, bound: 3e-14, floor: 0.01 },
    { name: 'studentTLogDensity', f: studentTLogDensity, bound: 2e-15, floor: 1 },
    { name: 'studentTCdf', f: studentTCdf, bound: 1e-12, floor: 0 },
    { name: 'studentTQuantile', f: studentTQuantile, bound: 1e-13, floor: 0.01 },
    { name: 'studentTCrps', f: studentTCrps, bound: 1e-10, floor: 0 },
    { name: 'chiSquaredSurvival', f: chiSquaredSurvival, bound: 4e-14, floor: 0 },
    { name: 'chiSquaredCdf', f: chiSquaredCdf, bound: 4e-14, floor: 0 },
  ])('$name is within $bound', ({ name, f, bound, floor }) => {
    const worst = largestError(name, f as (...values: number[]) => number, floor)
    expect(worst.count).toBeGreaterThanOrEqual(36)
    expect(worst.error, `at ${worst.at.join(', ')}`).toBeLessThan(bound)
  })

  test('binomial tests agree on all three sides', () => {
    for (const [k, n, p, less, greater, both] of fixture.binomialTests) {
      expect(binomialTest(k, n, p, 'less') / less).toBeCloseTo(1, 10)
      expect(binomialTest(k, n, p, 'greater') / greater).toBeCloseTo(1, 10)
      expect(binomialTest(k, n, p, 'two-sided') / both).toBeCloseTo(1, 10)
    }
  })
})

describe('a Student-t fit finds the likelihood maximum of a general optimiser', () => {
  const cases = fixture.fits.flatMap(({ sample, free, centred }, sampleIndex) => [
    { sampleIndex, sample, options: {}, expected: free },
    { sampleIndex, sample, options: { location: 0 }, expected: centred },
  ])
  test.each(cases)('sample $sampleIndex with $options', ({ sample, options, expected }) => {
    const fit = fitStudentT(sample, options)
    const { location, scale, degreesOfFreedom } = fit
    const logLikelihood = mean(
      sample.map(
        (value) => studentTLogDensity((value - location) / scale, degreesOfFreedom) - log(scale),
      ),
    )
    expect(logLikelihood).toBeGreaterThan(expected.meanLogLikelihood - 1e-12)
    expect(scale / expected.scale).toBeCloseTo(1, 5)
    expect(degreesOfFreedom / expected.degreesOfFreedom).toBeCloseTo(1, 4)
    expect(Math.abs(location - expected.location)).toBeLessThan(1e-5 * scale)
  })
})

describe('statistics agree with NumPy', () => {
  const { series, autocovariance: covariances, longRun, quantiles, ...moments } = fixture.statistics

  test('mean and variances', () => {
    expect(mean(series)).toBeCloseTo(moments.mean, 14)
    expect(variance(series)).toBeCloseTo(moments.sampleVariance, 14)
    expect(variance(series, 'population')).toBeCloseTo(moments.populationVariance, 14)
  })

  test('autocovariances and long-run variances at every lag', () => {
    covariances.forEach((expected, lag) => {
      expect(autocovariance(series, lag)).toBeCloseTo(expected, 14)
    })
    longRun.forEach((expected, lag) => {
      expect(longRunVariance(series, lag)).toBeCloseTo(expected, 14)
    })
  })

  test('quantiles of type 7', () => {
    for (const [p, expected] of quantiles) expect(quantile(series, p)).toBeCloseTo(expected, 14)
  })
})

describe('least squares agrees with 60-digit arithmetic', () => {
  test.each(fixture.regressions)('on a design of $columns.length columns', (regression) => {
    const columns = regression.columns.map((column) => Float64Array.from(column))
    const fit = leastSquares(columns, Float64Array.from(regression.target))
    regression.coefficients.forEach((expected, j) => {
      expect((fit.coefficients[j] ?? NaN) / expected).toBeCloseTo(1, 11)
    })
    expect(fit.rSquared).toBeCloseTo(regression.rSquared, 12)
  })
})
