/** Drift verdicts on simulated markets whose truth is known. */
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame, lookbackOf } from '../../features/build-frame.ts'
import { createDriftReference } from './drift-reference.ts'
import { measureDrift } from './measure-drift.ts'

const NAMES = ['logRangeVariance1', 'ewmaVolatility', 'scaledReturn', 'volumeSurprise', 'momentum5']
const FIRST = lookbackOf(NAMES)
const ROWS = 1000
const WINDOW = 20

function simulate(seed: number, change: (values: Float64Array, name: string) => Float64Array) {
  const frame = buildFeatureFrame(simulateBars({ sessions: FIRST + ROWS + WINDOW, seed }))
  const cut = (from: number, to: number) =>
    new Map(NAMES.map((name) => [name, frame.columns.get(name)?.slice(from, to) as Float64Array]))
  const next = [...cut(FIRST + ROWS, FIRST + ROWS + WINDOW)]
  const reference = createDriftReference(cut(FIRST, FIRST + ROWS), { window: WINDOW })
  return { reference, next: new Map(next.map(([name, v]) => [name, change(v, name)])) }
}

const unchanged = (values: Float64Array) => values

describe('the verdict', () => {
  test('is drift on about one in twenty windows of clustered volatility without change', () => {
    const trials = 120
    const alarms = Array.from({ length: trials }, (_, seed) => simulate(seed, unchanged)).filter(
      ({ reference, next }) => measureDrift(reference, next).verdict === 'drift',
    ).length
    // 5 % of 120 is 6; a binomial of 7 % exceeds 15 once in a hundred experiments.
    expect(alarms).toBeLessThanOrEqual(15)
    expect(alarms).toBeGreaterThanOrEqual(1)
  })

  test('is drift when the mean of a column moves by two standard deviations', () => {
    const found = Array.from({ length: 10 }, (_, seed) => {
      const { reference, next } = simulate(seed, (v, name) =>
        name === 'volumeSurprise' ? v.map((x) => x + 0.8) : v,
      )
      return measureDrift(reference, next).columns.find(({ name }) => name === 'volumeSurprise')
    })
    expect(found.filter((column) => column?.drifted)).toHaveLength(10)
  })

  test('names a column that is frozen for five rows', () => {
    const { reference, next } = simulate(1, (v, name) =>
      name === 'momentum5'
        ? v.map((x, row) => (row >= v.length - 5 ? (v.at(-5) as number) : x))
        : v,
    )
    const report = measureDrift(reference, next)
    expect(report.reasons).toContain('momentum5 repeats one value')
    expect(report.verdict).toBe('drift')
  })
})

describe('refusals', () => {
  const { reference, next } = simulate(3, unchanged)

  test('a window of other length names the column and both lengths', () => {
    const short = new Map([...next].map(([name, v]) => [name, v.slice(1)]))
    expect(() => measureDrift(reference, short)).toThrow(/Expected 20 rows.*received 19/)
  })
  test('a span of fewer than four windows gives no reference', () => {
    const short = new Map([['a', Float64Array.from({ length: 79 }, (_, i) => i % 7)]])
    expect(() => createDriftReference(short, { window: 20 })).toThrow(/needs 4 windows/)
  })
  test('a column that does not vary gives no reference', () => {
    const flat = new Map([['a', new Float64Array(100)]])
    expect(() => createDriftReference(flat, { window: 20 })).toThrow(/does not vary/)
  })
  test('the same window gives the same report', () => {
    expect(measureDrift(reference, next)).toEqual(measureDrift(reference, next))
  })
})
