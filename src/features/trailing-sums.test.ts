import { expect, test } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { trailingSums } from './trailing-sums.ts'

/** The plain loop that the kernel must equal to the bit. */
function reference(x: Float64Array, weights: Float64Array) {
  const weighted = new Float64Array(x.length).fill(Number.NaN)
  const plain = new Float64Array(x.length).fill(Number.NaN)
  for (let t = weights.length; t < x.length; t++) {
    let [total, sum] = [0, 0]
    for (let k = 0; k < weights.length; k++) {
      total += (weights[k] as number) * (x[t - k] as number)
      sum += x[t - k] as number
    }
    weighted[t] = total
    plain[t] = sum
  }
  return { weighted, plain }
}

const weights = Float64Array.from({ length: 250 }, (_, k) => 1 / (k + 1))

function columnOf(rows: number): Float64Array {
  const random = createRandom(rows)
  return Float64Array.from({ length: rows }, (_, t) => (t === 0 ? Number.NaN : random.uniform()))
}

test.each([0, 1, 249, 250, 251, 257, 258, 259, 1000])(
  'the sums of a column of %i rows are those of a plain loop, to the bit',
  (rows) => {
    const x = columnOf(rows)
    expect(trailingSums(x, weights)).toEqual(reference(x, weights))
  },
)

test('a long column needs more memory and gets it; a short one after it sees nothing of it', () => {
  const long = columnOf(40_000)
  const short = columnOf(300)
  expect(trailingSums(long, weights)).toEqual(reference(long, weights))
  expect(trailingSums(short, weights)).toEqual(reference(short, weights))
})

test('a missing value spoils the rows that read it and no others', () => {
  const x = columnOf(1000)
  x[400] = Number.NaN
  const { plain } = trailingSums(x, weights)
  expect(plain.findIndex((value, t) => t >= 250 && Number.isNaN(value))).toBe(400)
  expect(plain.findLastIndex(Number.isNaN)).toBe(649)
})
