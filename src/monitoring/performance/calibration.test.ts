import { expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { calibrationOf } from './calibration.ts'

const random = createRandom(4)
const uniform = (n: number) => Float64Array.from({ length: n }, () => random.uniform())

test('uniform values are rejected about as often as stated, concentrated ones always', () => {
  const rejected = Array.from({ length: 400 }, () => calibrationOf(uniform(250), 1).uniformP)
  const share = rejected.filter((p) => p !== null && p < 0.05).length / 400
  expect(share).toBeGreaterThan(0.02)
  expect(share).toBeLessThan(0.09)
  const narrow = uniform(250).map((value) => 0.5 + (value - 0.5) / 2)
  expect(calibrationOf(narrow, 1).uniformP).toBeLessThan(1e-6)
})

test('every outcome is counted, the end of the range too; of overlapping ones few are tested', () => {
  const { pitCounts, uniformP } = calibrationOf(Float64Array.of(0, 0.1, 0.95, 1), 1)
  expect(pitCounts).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 2])
  expect(uniformP).toBeNull()
  expect(calibrationOf(uniform(200), 5).uniformP).toBeNull()
})
