import { describe, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { drawStudentT } from '../../numerics/student-t.ts'
import { CUSUM_SLACK, CUSUM_THRESHOLD, lossChange } from './loss-change.ts'

const random = createRandom(20)
/** Of variance one. */
const draw = () => drawStudentT(random, 5) / Math.sqrt(5 / 3)

describe('the CUSUM on the loss difference', () => {
  test('raises one false alarm in about 1,250 sessions of a model as good as its baseline', () => {
    const runLength = () => {
      let [statistic, days] = [0, 0]
      while (statistic <= CUSUM_THRESHOLD) {
        statistic = Math.max(0, statistic + draw() - CUSUM_SLACK)
        days++
      }
      return days
    }
    const runs = Array.from({ length: 2_000 }, runLength)
    const mean = runs.reduce((sum, days) => sum + days, 0) / runs.length
    expect(mean).toBeGreaterThan(1_130)
    expect(mean).toBeLessThan(1_370)
  })

  test('notices a worsening, and says since when', () => {
    const asOf = Int32Array.from({ length: 400 }, (_, day) => 15_000 + day)
    const difference = Float64Array.from(asOf, (_, day) => draw() + (day < 300 ? -0.5 : 1))
    const found = lossChange(asOf, difference, 1)
    expect(found?.alarm).toBe(true)
    const since = Date.parse(found?.since ?? '') / 86_400_000 - 15_000
    expect(Math.abs(since - 300)).toBeLessThan(15)
    expect(lossChange(asOf.subarray(0, 300), difference.subarray(0, 300), 1)?.alarm).toBe(false)
  })

  test('says nothing of a few days, or of two that never differ', () => {
    expect(lossChange(new Int32Array(20), Float64Array.from({ length: 20 }, draw), 1)).toBe(
      undefined,
    )
    expect(lossChange(new Int32Array(99), new Float64Array(99), 1)).toBe(undefined)
  })
})
