/** Statistics of choosing among many models against arch and NumPy; fixture by scripts/selection-statistics.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  backtestOverfitting,
  type SelectionCriterion,
} from '../../src/evaluation/selection/backtest-overfitting.ts'
import { confidenceSet } from '../../src/evaluation/selection/confidence-set.ts'
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  probabilisticSharpe,
} from '../../src/evaluation/selection/sharpe-ratio.ts'
import { optimalBlockLength } from '../../src/evaluation/selection/stationary-bootstrap.ts'
import {
  type SuperiorAbility,
  superiorAbility,
} from '../../src/evaluation/selection/superior-ability.ts'
import { shapeOf } from '../../src/numerics/moments.ts'

interface Fixture {
  comparisons: {
    losses: number[][]
    blockLength: number
    days: number[][]
    spa: SuperiorAbility
    studentisedSpa: SuperiorAbility
    confidenceSet: number[]
    blocks: number[]
  }[]
  blocks: { series: number[]; length: number }[]
  sharpe: {
    returns: number[]
    ratios: number[]
    skewness: number
    kurtosis: number
    probabilistic: number
    expectedMaximum: number
    deflated: number
  }[]
  overfitting: {
    values: number[][]
    blocks: number
    criterion: SelectionCriterion
    probability: number
    halvings: number
  }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/selection-statistics.json', import.meta.url), 'utf8'),
)

/** The resamples that arch drew. */
function replay(days: readonly (readonly number[])[]) {
  const drawn = days.values()
  return () => Int32Array.from(drawn.next().value ?? [])
}

describe('many models at once', () => {
  const cases = fixture.comparisons.map(({ losses, days, ...expected }) => {
    const columns = losses.map((column) => Float64Array.from(column))
    const [benchmark = new Float64Array(), ...models] = columns
    const options = () => ({ resample: replay(days), replications: days.length })
    return { models: models.length, columns, benchmark, rivals: models, options, expected }
  })

  test.each(cases)('superior ability of $models models, as arch has it', (one) => {
    const { blockLength, spa } = one.expected
    const options = { ...one.options(), blockLength, studentised: false }
    expect(superiorAbility(one.benchmark, one.rivals, options)).toEqual(spa)
  })

  test.each(cases)('superior ability of $models models, as Hansen has it', (one) => {
    const { blockLength, studentisedSpa } = one.expected
    const options = { ...one.options(), blockLength }
    expect(superiorAbility(one.benchmark, one.rivals, options)).toEqual(studentisedSpa)
  })

  test.each(cases)('confidence set of the benchmark and $models models', (one) => {
    expect(confidenceSet(one.columns, one.options())).toEqual(one.expected.confidenceSet)
  })

  test.each(cases)('block lengths of the gains of $models models', (one) => {
    one.rivals.forEach((losses, k) => {
      const gain = one.benchmark.map((loss, i) => loss - (losses[i] ?? NaN))
      expect(optimalBlockLength(gain)).toBeCloseTo(one.expected.blocks[k] ?? NaN, 9)
    })
  })
})

test.each(fixture.blocks)('block length of $series.length days', ({ series, length }) => {
  expect(optimalBlockLength(Float64Array.from(series))).toBeCloseTo(length, 9)
})

test.each(fixture.sharpe)('Sharpe ratios of $ratios.length trials', (expected) => {
  const returns = Float64Array.from(expected.returns)
  const { ratios } = expected
  expect(shapeOf(returns).skewness).toBeCloseTo(expected.skewness, 10)
  expect(shapeOf(returns).kurtosis).toBeCloseTo(expected.kurtosis, 10)
  expect(probabilisticSharpe(returns)).toBeCloseTo(expected.probabilistic, 10)
  expect(expectedMaximumSharpe(ratios)).toBeCloseTo(expected.expectedMaximum, 10)
  expect(deflatedSharpe(returns, ratios)).toBeCloseTo(expected.deflated, 10)
})

test.each(fixture.overfitting)(
  'probability of overfitting $values.length trials by $criterion over $blocks blocks',
  ({ values, blocks, criterion, probability, halvings }) => {
    const columns = values.map((column) => Float64Array.from(column))
    const found = backtestOverfitting(columns, { blocks, criterion })
    expect(found.halvings).toBe(halvings)
    expect(found.probability).toBeCloseTo(probability, 12)
  },
)
