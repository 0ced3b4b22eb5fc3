import { expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { initialParameters } from './parameters.ts'
import { createLstmPredictor } from './predict.ts'

const ARCHITECTURE = { inputSize: 2, hiddenSizes: [4], outputSize: 2, windowLength: 3 }

function createCase() {
  const random = createRandom(3)
  const weights = Float32Array.from(initialParameters(ARCHITECTURE, random, [0, 1]))
  const values = Float64Array.from({ length: 20 }, () => random.normal())
  return { predictor: createLstmPredictor({ architecture: ARCHITECTURE, weights }), values }
}

test('a prediction reads its window and nothing else', () => {
  const { predictor, values } = createCase()
  const before = predictor.predict({ values, width: 2 }, 6).slice()
  values[2 * 3 + 1] = 99
  values[2 * 7] = 99
  expect(predictor.predict({ values, width: 2 }, 6)).toEqual(before)
  values[2 * 6] = 99
  expect(predictor.predict({ values, width: 2 }, 6)).not.toEqual(before)
})

test('a window outside the rows is refused', () => {
  const { predictor, values } = createCase()
  expect(() => predictor.predict({ values, width: 2 }, 1)).toThrow('row 1 of a matrix of 10')
  expect(() => predictor.predict({ values, width: 2 }, 10)).toThrow(RangeError)
})

test('a window with NaN or infinity is refused, with its place', () => {
  for (const value of [NaN, Infinity, 1e39]) {
    const { predictor, values } = createCase()
    values[2 * 5 + 1] = value
    expect(() => predictor.predict({ values, width: 2 }, 6)).toThrow(`Row 5, column 1 is ${value}`)
    expect(() => predictor.predict({ values, width: 2 }, 4)).not.toThrow()
  }
})
