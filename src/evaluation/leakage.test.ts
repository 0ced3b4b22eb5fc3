/** Planted faults that look into the future are found; honest features and models pass. */
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { FEATURES } from '../features/feature-set.ts'
import { fitScaler } from '../features/scaler.ts'
import { createForecast, type StudentTDistribution } from '../forecast/forecast.ts'
import type { FitRequest, FittedForecaster, Forecaster } from '../forecast/forecaster.ts'
import { createForecaster, MODEL_NAMES } from '../forecast/model-catalogue.ts'
import { formatDay } from '../market/trading-date.ts'
import { createRandom } from '../numerics/random.ts'
import { mean } from '../numerics/statistics.ts'
import { assertNoLeakage, findFeatureLeakage, findModelLeakage } from './leakage.ts'

const bars = simulateBars({ sessions: 900, seed: 'leakage' })
const frame = buildFeatureFrame(bars)
const SPAN_END = 799

function feature(name: string, compute: Feature['compute'], lookback = 30): Feature {
  return { name, lookback, description: 'Planted.', compute }
}

const FAULTY_FEATURES: readonly Feature[] = [
  feature('peekOneAhead', (base) =>
    base.logReturn.map((_, t) => base.logReturn[t + 1] ?? Number.NaN),
  ),
  feature('peekFarAhead', (base) =>
    base.close.map((price, t) => (base.close[t + 60] ?? price) / price),
  ),
  feature('wholeSeriesMean', (base) => {
    const average = mean(base.logReturn.subarray(1))
    return base.logReturn.map((value) => value - average)
  }),
  feature('wholeSeriesMaximum', (base) => {
    const highest = base.close.reduce((most, price) => Math.max(most, price))
    return base.close.map((price) => price / highest)
  }),
  feature('centredWindow', (base) =>
    base.logReturn.map((_, t) => mean(base.logReturn.subarray(Math.max(1, t - 2), t + 3))),
  ),
  feature('shareOfSeries', (base) => base.close.map((_, t) => t / base.close.length)),
  feature('backFilled', (_, { volume }) => {
    const gappy = volume.map((value, t) => (t % 3 === 0 ? value : Number.NaN))
    return gappy.map((_value, t) => gappy.subarray(t).find(Number.isFinite) ?? Number.NaN)
  }),
  feature('targetAmongInputs', (base) =>
    base.close.map((price, t) => ((base.close[t + 1] ?? 0) > price ? 1 : 0)),
  ),
]

describe('findFeatureLeakage', () => {
  test.each(FAULTY_FEATURES)('finds $name', (faulty) => {
    const findings = findFeatureLeakage(bars, [...FEATURES, faulty])
    expect(findings.map((finding) => finding.subject)).toEqual([faulty.name])
  })

  test('names the feature, the symbol, the first day that gave it away and the remedy', () => {
    const [peek] = FAULTY_FEATURES as [Feature]
    const [finding] = findFeatureLeakage(bars, [peek])
    const day = formatDay(bars.date[peek.lookback] as number)
    const tomorrow = frameColumn(frame, 'logReturn')[peek.lookback + 1]
    expect(finding?.message).toContain(`'peekOneAhead' of SIM on ${day} is ${tomorrow}, but -`)
    expect(finding?.message).toMatch(/reads the future.*use rows up to t only/)
  })

  test('reports each of several faulty features once', () => {
    const findings = findFeatureLeakage(bars, FAULTY_FEATURES)
    const names = findings.map((finding) => finding.subject)
    expect(names.sort()).toEqual(FAULTY_FEATURES.map(({ name }) => name).sort())
  })

  test('passes every declared feature', () => {
    expect(findFeatureLeakage(bars, FEATURES)).toEqual([])
  })

  test('passes every declared feature on a history shorter than the lookbacks', () => {
    const short = simulateBars({ sessions: 40, seed: 'short' })
    expect(findFeatureLeakage(short, FEATURES)).toEqual([])
    expect(findFeatureLeakage(short, FAULTY_FEATURES.slice(0, 1))).toHaveLength(1)
    expect(findFeatureLeakage(simulateBars({ sessions: 1, seed: 'one' }), FEATURES)).toEqual([])
  })
})

const request: FitRequest = {
  frames: [frame],
  symbol: 'SIM',
  span: { from: frame.date[0] as number, to: frame.date[SPAN_END] as number },
  horizon: 1,
  random: createRandom('leakage'),
}

/** A forecaster of the width of what `fit` sees, right or wrong. */
function planted(
  name: string,
  fit: (request: FitRequest) => number,
  rowRead = (_frame: FeatureFrame, at: number) => at,
): Forecaster {
  return {
    name,
    options: {},
    fit: (given) => fittedTo(name, fit(given), rowRead),
  }
}

function fittedTo(
  model: string,
  scale: number,
  rowRead: (frame: FeatureFrame, at: number) => number,
): FittedForecaster {
  return {
    model,
    horizon: 1,
    lookback: 1,
    frameRows: 1,
    forecast(on, at) {
      const location = frameColumn(on, 'logReturn')[rowRead(on, at)] ?? 0
      const distribution: StudentTDistribution = { location, scale, degreesOfFreedom: 5 }
      return createForecast({ frame: on, at, horizon: 1, distribution })
    },
    serialise: () => ({ model, horizon: 1, state: { scale } }),
  }
}

function deviationOver(given: FitRequest, to: number): number {
  const rows = { from: 300, to }
  const scaler = fitScaler(
    given.frames.map((one) => ({ frame: one, rows })),
    ['logReturn'],
  )
  return scaler.deviation[0] as number
}

const lengthOf = ({ frames }: FitRequest) => frames[0]?.date.length ?? 0

/** Mean of 200 rows drawn without regard to the span: a shuffled split. */
function shuffled(given: FitRequest): number {
  const returns = frameColumn(given.frames[0] as FeatureFrame, 'logReturn')
  const drawn = Array.from({ length: 200 }, () => 1 + given.random.integer(returns.length - 1))
  return 0.02 + mean(Float64Array.from(drawn, (row) => returns[row] as number))
}

const FAULTY_MODELS: readonly Forecaster[] = [
  planted('scaler-on-everything', (given) => deviationOver(given, lengthOf(given))),
  planted('scaler-one-day-late', (given) => deviationOver(given, SPAN_END + 2)),
  planted('shuffled-split', shuffled),
  planted(
    'peeking-forecast',
    () => 0.02,
    (_, at) => at + 1,
  ),
  planted(
    'last-row-forecast',
    () => 0.02,
    (on) => on.date.length - 1,
  ),
]

describe('findModelLeakage', () => {
  test.each(FAULTY_MODELS)('finds $name', (faulty) => {
    const findings = findModelLeakage(faulty, request)
    expect(findings.map((finding) => finding.subject)).toEqual([faulty.name])
  })

  test('names the model, the last day of its span and the remedy', () => {
    const [finding] = findModelLeakage(FAULTY_MODELS[0] as Forecaster, request)
    const day = formatDay(request.span.to)
    expect(finding?.message).toContain(`'scaler-on-everything' fitted up to ${day}`)
    expect(finding?.message).toMatch(/Fit scalers and parameters on rows of the span only/)
  })

  test('tells a forecast that peeks from a fit that does', () => {
    const [finding] = findModelLeakage(FAULTY_MODELS[3] as Forecaster, request)
    const day = formatDay(request.span.to)
    expect(finding?.message).toContain(`'peeking-forecast' forecasts differently on ${day}`)
    expect(finding?.message).toMatch(/use rows up to the day of the forecast only/)
  })

  test('passes a scaler fitted on the span', () => {
    const honest = planted('honest', (given) => deviationOver(given, SPAN_END + 1))
    expect(findModelLeakage(honest, request)).toEqual([])
  })

  test.each([...MODEL_NAMES])('passes %s', (name) => {
    const small = { epochs: 1, seeds: 1, windowLength: 5, hiddenSizes: [4] }
    const model = createForecaster(name === 'lstm' ? { name, options: small } : { name })
    expect(findModelLeakage(model, request)).toEqual([])
  })
})

describe('assertNoLeakage', () => {
  test('lets honest work pass', () => {
    expect(() => assertNoLeakage([])).not.toThrow()
  })

  test('throws LEAKAGE_FOUND with every message and the findings', () => {
    const findings = findFeatureLeakage(bars, FAULTY_FEATURES.slice(0, 2))
    expect(() => assertNoLeakage(findings)).toThrowError(
      expect.objectContaining({
        code: 'LEAKAGE_FOUND',
        message: findings.map((finding) => finding.message).join('\n'),
        details: { findings },
      }),
    )
  })
})
