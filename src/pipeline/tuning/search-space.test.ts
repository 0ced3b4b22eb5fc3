import { expect, test } from 'vitest'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import { createRandom } from '../../numerics/random.ts'
import { assertRanges, DEFAULT_RANGES, drawOptions, type Ranges } from './search-space.ts'

const draws = (ranges: Ranges, count = 200) =>
  Array.from({ length: count }, (_, i) => drawOptions(ranges, createRandom(7).fork(i)))

test('every draw from the default ranges is an LSTM', () => {
  for (const options of draws(DEFAULT_RANGES)) {
    expect(createForecaster({ name: 'lstm', options }).options).toMatchObject(options)
  }
})

test('draws stay within an interval and reach both of its halves', () => {
  const rates = draws({ learningRate: { from: 1e-4, to: 1e-2, scale: 'log' } }).map(
    ({ learningRate }) => learningRate as number,
  )
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4)
  expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2)
  const low = rates.filter((rate) => rate < 1e-3).length
  expect(low).toBeGreaterThan(70)
  expect(low).toBeLessThan(130)
})

test('whole numbers include both ends, choices each of theirs', () => {
  const drawn = draws({ epochs: { from: 3, to: 5, scale: 'integer' }, seeds: [1, 2] })
  expect(new Set(drawn.map(({ epochs }) => epochs))).toEqual(new Set([3, 4, 5]))
  expect(new Set(drawn.map(({ seeds }) => seeds))).toEqual(new Set([1, 2]))
})

test('a new range leaves the draws of the others as they were', () => {
  const ranges: Ranges = { batchSize: [32, 64, 128] }
  const more = draws({ ...ranges, patience: [2, 5] }).map(({ batchSize }) => batchSize)
  expect(more).toEqual(draws(ranges).map(({ batchSize }) => batchSize))
})

test('an interval that ends before it begins is refused by name', () => {
  const backwards: Ranges = { epochs: { from: 9, to: 3, scale: 'integer' } }
  expect(() => assertRanges(backwards)).toThrow(/'epochs' runs from 9 to 3/)
  const noLog: Ranges = { weightDecay: { from: 0, to: 1, scale: 'log' } }
  expect(() => assertRanges(noLog)).toThrow(/above zero/)
})
