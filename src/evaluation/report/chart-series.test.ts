import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spreadApart } from './chart-series.ts'

test('leaves labels with room between them where they are', () => {
  expect(spreadApart([10, 90, 50], 20)).toEqual([10, 90, 50])
})

test('centres a crowd of labels on their mean', () => {
  expect(spreadApart([50, 50, 50], 10)).toEqual([40, 50, 60])
  expect(spreadApart([52, 48], 10)).toEqual([55, 45])
})

test('keeps the order and at least the gap, whatever the positions', () => {
  const positions = fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { maxLength: 12 })
  fc.assert(
    fc.property(positions, (given) => {
      const spread = spreadApart(given, 15)
      const order = given.map((_, i) => i).sort((a, b) => (given[a] ?? 0) - (given[b] ?? 0))
      const placed = order.map((i) => spread[i] ?? Number.NaN)
      placed.slice(1).forEach((place, i) => {
        expect(place - (placed[i] ?? Number.NaN)).toBeGreaterThanOrEqual(15 - 1e-9)
      })
    }),
  )
})
