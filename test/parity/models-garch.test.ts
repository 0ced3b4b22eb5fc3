/** GARCH(1,1) with Student-t errors against arch; fixture by scripts/models-garch.py. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { frameColumn } from '../../src/features/feature-frame.ts'
import { lowerBound } from '../../src/features/windows.ts'
import {
  fitGarch,
  type GarchFit,
  type GarchParameters,
  logLikelihood,
} from '../../src/forecast/models/garch.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'

interface Likelihood {
  readonly parameters: GarchParameters
  readonly logLikelihood: number
}

interface Series extends Likelihood {
  readonly name: string
  readonly startVariance: number
  readonly elsewhere: readonly Likelihood[]
  /** Given for simulated series; the others are a span of the sample's AAPL. */
  readonly returns?: readonly number[]
  readonly from?: string
  readonly to?: string
  readonly n?: number
}

const fixture: { readonly series: readonly Series[] } = JSON.parse(
  readFileSync(new URL('fixtures/models-garch.json', import.meta.url), 'utf8'),
)

async function returnsOf(series: Series): Promise<Float64Array> {
  if (series.returns !== undefined) return Float64Array.from(series.returns)
  const frame = buildFeatureFrame(await readSampleBars('AAPL'))
  const from = lowerBound(frame.date, parseIsoDate(series.from ?? '') ?? Number.NaN)
  const to = lowerBound(frame.date, (parseIsoDate(series.to ?? '') ?? Number.NaN) + 1)
  return frameColumn(frame, 'logReturn').slice(from, to)
}

const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1)

describe.each(fixture.series)('on $name returns', (series) => {
  let returns: Float64Array
  let fit: GarchFit
  beforeAll(async () => {
    returns = await returnsOf(series)
    fit = fitGarch(returns)
  })

  test('the likelihood is that of arch, at its optimum and elsewhere', () => {
    expect(returns.length).toBe(series.n ?? series.returns?.length)
    for (const { parameters, logLikelihood: expected } of [series, ...series.elsewhere]) {
      const actual = logLikelihood(returns, parameters, series.startVariance)
      expect(relative(actual, expected)).toBeLessThan(1e-10)
    }
  })

  test('the fit reaches the highest likelihood that arch finds', () => {
    expect(fit.converged).toBe(true)
    expect(relative(fit.logLikelihood, series.logLikelihood)).toBeLessThan(1e-9)
  })

  test.each(['mean', 'omega', 'alpha', 'beta', 'degreesOfFreedom'] as const)(
    '%s agrees',
    (name) => {
      const [actual, expected] = [fit.parameters[name], series.parameters[name]]
      const floor = name === 'alpha' ? 1e-6 : 0
      expect(Math.abs(actual - expected)).toBeLessThan(1e-3 * Math.abs(expected) + floor)
    },
  )
})
