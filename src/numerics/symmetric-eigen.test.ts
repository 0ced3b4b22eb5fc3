import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

function randomSymmetric(n: number): Float64Array {
  const random = createRandom(n)
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      matrix[i * n + j] = random.normal()
      matrix[j * n + i] = matrix[i * n + j] as number
    }
  }
  return matrix
}

test.each([1, 2, 5, 17, 40])(
  'a matrix of %i rows is its eigenvalues along its eigenvectors',
  (n) => {
    const matrix = randomSymmetric(n)
    const { values, vectors } = symmetricEigen(matrix, n)
    const row = (i: number) => vectors.subarray(i * n, (i + 1) * n)
    const dot = (a: Float64Array, b: Float64Array) =>
      a.reduce((total, value, k) => total + value * (b[k] as number), 0)
    for (let i = 0; i < n; i++) {
      const image = Float64Array.from({ length: n }, (_, r) =>
        dot(matrix.subarray(r * n, (r + 1) * n), row(i)),
      )
      for (let k = 0; k < n; k++) {
        expect(image[k]).toBeCloseTo((values[i] as number) * (row(i)[k] as number), 11)
      }
      for (let j = 0; j < n; j++) expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 12)
      if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1] as number)
    }
  },
)

test('a matrix of less than full rank has eigenvalues of zero', () => {
  const { values } = symmetricEigen(Float64Array.of(1, 2, 3, 2, 4, 6, 3, 6, 9), 3)
  expect(values[0]).toBeCloseTo(14, 12)
  expect(values[1]).toBeCloseTo(0, 12)
  expect(values[2]).toBeCloseTo(0, 12)
})

test('elements that are missing or not finite are refused', () => {
  expect(() => symmetricEigen(Float64Array.of(1, 2, 3), 2)).toThrow(/Expected 2 x 2/)
  expect(() => symmetricEigen(Float64Array.of(1, Number.NaN, 3, 4), 2)).toThrow(/finite/)
})
