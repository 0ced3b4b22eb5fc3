/** Drift verdicts on simulated markets whose truth is known. */
import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame, lookbackOf } from '../../features/build-frame.ts'
import { COMBINATION, createDriftReference } from './drift-reference.ts'
import { driftRatio, measureDrift } from './measure-drift.ts'

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
    const trials = 100
    const alarms = Array.from({ length: trials }, (_, seed) => simulate(seed, unchanged)).filter(
      ({ reference, next }) => measureDrift(reference, next).columns.some(({ drifted }) => drifted),
    ).length
    // 3 to 7 of them, and two standard errors beyond; thresholds of independent rows call half of them.
    expect(alarms).toBeGreaterThanOrEqual(1)
    expect(alarms).toBeLessThanOrEqual(12)
  })

  test('says the same of a window as its ratio alone', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { reference, next } = simulate(seed, unchanged)
      const { columns } = measureDrift(reference, next)
      const largest = Math.max(...columns.map(({ distance, threshold }) => distance / threshold))
      expect(driftRatio(reference, next)).toBeCloseTo(largest, 12)
    }
  })

  test('judges how columns belong together, too', () => {
    const { reference, next } = simulate(4, unchanged)
    expect(measureDrift(reference, next).columns.at(-1)?.name).toBe(COMBINATION)
  })

  test('finds nine in ten moves of the mean of a column by three standard deviations', () => {
    const found = Array.from({ length: 10 }, (_, seed) => {
      const { reference, next } = simulate(seed, (v, name) =>
        name === 'volumeSurprise' ? v.map((x) => x + 1.2) : v,
      )
      return measureDrift(reference, next).columns.find(({ name }) => name === 'volumeSurprise')
    })
    expect(found.filter((column) => column?.drifted).length).toBeGreaterThanOrEqual(9)
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
