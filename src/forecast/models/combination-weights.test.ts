import { expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { combineDistributions, fitWeights, type PastDay } from './combination-weights.ts'

const NARROW = { location: 0, scale: 0.005, degreesOfFreedom: 8 }
const RIGHT = { location: 0, scale: 0.01, degreesOfFreedom: 200 }
const WIDE = { location: 0, scale: 0.04, degreesOfFreedom: 8 }

/** Normal outcomes of deviation 1 %. */
function days(count: number, distributions: PastDay['distributions']): PastDay[] {
  const random = createRandom('weights')
  return Array.from({ length: count }, () => ({
    distributions,
    outcome: 0.01 * random.normal(),
    unit: 0.01,
  }))
}

const sum = (weights: readonly number[]) => weights.reduce((total, weight) => total + weight, 0)

test('a member that is right gets nearly all the weight beside two that are wrong the same way', () => {
  const weights = fitWeights(days(3000, [WIDE, RIGHT, WIDE]), { members: 3, horizon: 1 })
  expect(weights[1]).toBeGreaterThan(0.9)
  expect(sum(weights)).toBeCloseTo(1, 12)
})

test('members wrong in opposite ways are mixed until the scale is right', () => {
  const past = days(3000, [NARROW, WIDE])
  const weights = fitWeights(past, { members: 2, horizon: 1 })
  const { scale } = combineDistributions([NARROW, WIDE], weights)
  expect(scale).toBeGreaterThan(0.0085)
  expect(scale).toBeLessThan(0.0105)
})

test('members that forecast alike share equally, and so do all where there is no past', () => {
  const alike = fitWeights(days(500, [RIGHT, RIGHT, RIGHT]), { members: 3, horizon: 1 })
  for (const weight of alike) expect(weight).toBeCloseTo(1 / 3, 4)
  expect(fitWeights([], { members: 4, horizon: 1 })).toEqual([0.25, 0.25, 0.25, 0.25])
})

test('outcomes that overlap pull the weights less far from equal ones', () => {
  const past = days(200, [WIDE, RIGHT])
  const [, daily = 0] = fitWeights(past, { members: 2, horizon: 1 })
  const [, monthly = 0] = fitWeights(past, { members: 2, horizon: 20 })
  expect(monthly).toBeLessThan(daily)
  expect(monthly).toBeGreaterThan(0.5)
})

test('the scale of the combination lies between those of its members, and one member is itself', () => {
  const both = combineDistributions([NARROW, WIDE], [1, 1])
  expect(both.scale).toBeCloseTo(Math.sqrt(0.005 * 0.04), 15)
  expect(combineDistributions([WIDE], [0.3]).scale).toBeCloseTo(WIDE.scale, 15)
})

test('days with another number of members are refused', () => {
  expect(() => fitWeights(days(10, [WIDE]), { members: 2, horizon: 1 })).toThrow(/Expected 2/)
})
