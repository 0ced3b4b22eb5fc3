import { expect, test } from 'vitest'
import { candidateScore } from './candidate-score.ts'

const metrics = { 'har.crps': 0.0123, 'lstm.crps': 0.0122 }

test('the score of a run is that of the model it is named after', () => {
  expect(candidateScore({ name: 'lstm AAPL 2013-03-01', metrics }, 'crps')).toBe(0.0122)
})

test('a run named after no model has no score of its own', () => {
  expect(candidateScore({ name: 'AAPL fold 2012-01-03 to 2012-12-31', metrics }, 'crps')).toBe(null)
})
