/** Eigenvalues and eigenvectors of a small symmetric matrix. */

export interface SymmetricEigen {
  /** Descending [n]. */
  readonly values: Float64Array
  /** Row i is the unit eigenvector of value i [n, n], row-major. */
  readonly vectors: Float64Array
}

/** Sweeps over all pairs; a matrix of some dozens of rows needs six to ten. */
const MOST_SWEEPS = 60

/**
 * Cyclic Jacobi rotations until the off-diagonal part is below 1e-14 of the whole. Deterministic: the
 * same matrix gives the same bits.
 *
 * @param matrix Symmetric [n, n], row-major; the lower triangle is not read.
 * @throws {RangeError} When the length is not n² or an element is not finite.
 *
 * Cost: O(n³) per sweep. Source: Golub & Van Loan, Matrix Computations, section 8.5.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (matrix.length !== n * n || !matrix.every(Number.isFinite)) {
    throw new RangeError(
      `Expected ${n} x ${n} finite elements, received ${matrix.length}, NaN or infinity among them or too many`,
    )
  }
  const a = matrix.slice()
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] as number
  const vectors = new Float64Array(n * n)
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonalShare(a, n) > 1e-28; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate({ a, vectors, n }, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (a[j * n + j] as number) - (a[i * n + i] as number),
  )
  return {
    values: Float64Array.from(order, (i) => a[i * n + i] as number),
    vectors: Float64Array.from({ length: n * n }, (_, at) => {
      const row = order[Math.floor(at / n)] as number
      return vectors[row * n + (at % n)] as number
    }),
  }
}

/** Sum of squares beside the diagonal over that of all elements. */
function offDiagonalShare(a: Float64Array, n: number): number {
  let [off, all] = [0, 0]
  for (let at = 0; at < a.length; at++) {
    const square = (a[at] as number) * (a[at] as number)
    all += square
    if (at % (n + 1) !== 0) off += square
  }
  return all === 0 ? 0 : off / all
}

interface Rotating {
  readonly a: Float64Array
  /** Rows become the eigenvectors. */
  readonly vectors: Float64Array
  readonly n: number
}

/** Turns the plane of rows p and q so that their common element becomes zero. */
function rotate({ a, vectors, n }: Rotating, p: number, q: number): void {
  const apq = a[p * n + q] as number
  if (apq === 0) return
  const theta = ((a[q * n + q] as number) - (a[p * n + p] as number)) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(t * t + 1)
  const sine = t * cosine
  const turn = (matrix: Float64Array, i: number, j: number) => {
    const [x, y] = [matrix[i] as number, matrix[j] as number]
    matrix[i] = cosine * x - sine * y
    matrix[j] = sine * x + cosine * y
  }
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q)
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k)
  for (let k = 0; k < n; k++) turn(vectors, p * n + k, q * n + k)
}
