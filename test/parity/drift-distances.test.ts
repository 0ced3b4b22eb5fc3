/** Distances between samples are SciPy's. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  binShares,
  jensenShannon,
  kolmogorovSmirnov,
  populationStability,
  wasserstein,
} from '../../src/monitoring/drift/distances.ts'

interface Case {
  readonly name: string
  readonly reference: number[]
  readonly window: number[]
  readonly edges: number[]
  readonly kolmogorovSmirnov: number
  readonly wasserstein: number
  readonly jensenShannon: number
  readonly populationStability: number
}

const fixture = new URL('./fixtures/drift-distances.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

describe.each(cases)('samples $name', (expected) => {
  const reference = Float64Array.from(expected.reference).sort()
  const window = Float64Array.from(expected.window).sort()
  const [p, q] = [binShares(reference, expected.edges), binShares(window, expected.edges)]

  test('the Kolmogorov–Smirnov statistic agrees with ks_2samp', () => {
    expect(kolmogorovSmirnov(reference, window)).toBeCloseTo(expected.kolmogorovSmirnov, 13)
  })
  test('the Wasserstein distance agrees with wasserstein_distance', () => {
    expect(wasserstein(reference, window)).toBeCloseTo(expected.wasserstein, 12)
  })
  test('the Jensen–Shannon distance agrees with jensenshannon to base 2', () => {
    expect(jensenShannon(p, q)).toBeCloseTo(expected.jensenShannon, 12)
  })
  test('the population stability index agrees with its definition', () => {
    expect(populationStability(p, q)).toBeCloseTo(expected.populationStability, 12)
  })
})

test('an empty sample is refused', () => {
  const none = new Float64Array(0)
  expect(() => kolmogorovSmirnov(Float64Array.of(1), none)).toThrow(/empty/)
})
