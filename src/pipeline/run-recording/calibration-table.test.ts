import { expect, test } from 'vitest'
import { calibrationRows, mlflowTable } from './calibration-table.ts'

/** 0.0005, 0.0015, …: every quantile once, as a right model gives. */
const even = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000)

test('a right model covers what each interval promises', () => {
  for (const { level, coverage, low, high, days } of calibrationRows({ pit: { even } })) {
    expect(coverage).toBeCloseTo(level, 10)
    expect(days).toBe(1000)
    expect(low).toBeLessThan(level)
    expect(high).toBeGreaterThan(level)
    expect(high).toBeLessThanOrEqual(1)
  }
})

test('a model that is too narrow covers less', () => {
  const ends = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.001 : 0.999))
  const rows = calibrationRows({ pit: { ends } })
  expect(rows.map(({ coverage }) => coverage)).toEqual(rows.map(() => 0))
})

test('the table is what pandas reads as orient="split"', () => {
  const rows = calibrationRows({ pit: { even } })
  const { columns, data } = JSON.parse(mlflowTable(rows))
  expect(columns).toEqual(['model', 'level', 'coverage', 'low', 'high', 'days'])
  expect(data).toHaveLength(rows.length)
  expect(data[0].slice(0, 2)).toEqual(['even', 0.1])
})
