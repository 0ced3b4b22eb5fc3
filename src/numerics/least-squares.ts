/** Ordinary least squares by Householder's QR decomposition. */

export interface LeastSquaresFit {
  /** One per column [k]. */
  readonly coefficients: Float64Array
  /** y - Xβ [n]. */
  readonly residuals: Float64Array
  /** 1 - SSE / sum of squares about the mean of y; NaN when y is constant. */
  readonly rSquared: number
}

/** A column whose part outside the span of those before it is below this share is dependent. */
const DEPENDENT = 1e-11

/**
 * Regresses y on the columns. There is no hidden constant: pass a column of ones for one.
 *
 * Columns are first divided by their root mean square, so that units don't matter.
 *
 * @param columns Regressors, k columns of [n], n >= k >= 1.
 * @param y Target [n].
 * @throws {RangeError} On mismatched lengths, too few rows, non-finite values, or a column that
 *   depends linearly on those before it; names the column.
 *
 * Cost: O(n·k²). Source: Golub & Van Loan 2013, section 5.3.
 */
export function leastSquares(columns: readonly Float64Array[], y: Float64Array): LeastSquaresFit {
  assertShapes(columns, y)
  const scales = columns.map(rootMeanSquare)
  const q = columns.map((column, j) => column.map((value) => value / (scales[j] as number)))
  const target = y.slice()
  const diagonal = decompose(q, target)
  const coefficients = backSubstitute(q, diagonal, target)
  for (let j = 0; j < coefficients.length; j++) {
    coefficients[j] = (coefficients[j] as number) / (scales[j] as number)
  }
  const residuals = residualsOf(columns, y, coefficients)
  return { coefficients, residuals, rSquared: shareExplained(y, residuals) }
}

function assertShapes(columns: readonly Float64Array[], y: Float64Array): void {
  if (columns.length === 0) throw new RangeError('Least squares needs at least one column')
  if (y.length < columns.length) {
    throw new RangeError(`Least squares of ${columns.length} columns has only ${y.length} rows`)
  }
  columns.forEach((column, j) => {
    if (column.length !== y.length) {
      throw new RangeError(`Column ${j} has ${column.length} rows, the target has ${y.length}`)
    }
    const row = column.findIndex((value) => !Number.isFinite(value))
    if (row >= 0) throw new RangeError(`Column ${j} holds ${column[row]} in row ${row}`)
  })
  const row = y.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) throw new RangeError(`The target holds ${y[row]} in row ${row}`)
}

function rootMeanSquare(column: Float64Array, j: number): number {
  const scale = Math.sqrt(dotFrom(column, column, 0) / column.length)
  if (scale > 0 && scale < Infinity) return scale
  throw new RangeError(`Column ${j} is ${scale === 0 ? 'zero' : 'too large to square'}`)
}

/**
 * Reduces the columns in place to R above the diagonal and Householder vectors from it downwards,
 * and applies the same reflections to the target. Returns R's diagonal [k].
 */
function decompose(q: Float64Array[], target: Float64Array): Float64Array {
  const diagonal = new Float64Array(q.length)
  q.forEach((column, j) => {
    const norm = Math.sqrt(dotFrom(column, column, j))
    // A scaled column has norm √n.
    if (norm <= DEPENDENT * Math.sqrt(column.length)) {
      throw new RangeError(`Column ${j} depends linearly on the columns before it`)
    }
    const head = column[j] as number
    const pivot = head > 0 ? -norm : norm
    diagonal[j] = pivot
    column[j] = head - pivot
    const half = norm * (norm + Math.abs(head))
    for (let other = j + 1; other < q.length; other++) {
      reflect(column, q[other] as Float64Array, j, half)
    }
    reflect(column, target, j, half)
  })
  return diagonal
}

/** x ← x - v (v·x) / half, from row `from` on, where half is v·v / 2. */
function reflect(v: Float64Array, x: Float64Array, from: number, half: number): void {
  const factor = dotFrom(v, x, from) / half
  for (let i = from; i < x.length; i++) x[i] = (x[i] as number) - factor * (v[i] as number)
}

function backSubstitute(
  q: readonly Float64Array[],
  diagonal: Float64Array,
  target: Float64Array,
): Float64Array {
  const k = q.length
  const solution = new Float64Array(k)
  for (let i = k - 1; i >= 0; i--) {
    let rest = target[i] as number
    for (let j = i + 1; j < k; j++) {
      rest -= ((q[j] as Float64Array)[i] as number) * (solution[j] as number)
    }
    solution[i] = rest / (diagonal[i] as number)
  }
  return solution
}

function residualsOf(
  columns: readonly Float64Array[],
  y: Float64Array,
  coefficients: Float64Array,
): Float64Array {
  return y.map((value, i) => {
    let fitted = 0
    for (let j = 0; j < columns.length; j++) {
      fitted += (coefficients[j] as number) * ((columns[j] as Float64Array)[i] as number)
    }
    return value - fitted
  })
}

function shareExplained(y: Float64Array, residuals: Float64Array): number {
  const centre = y.reduce((total, value) => total + value, 0) / y.length
  const total = y.reduce((squares, value) => squares + (value - centre) * (value - centre), 0)
  return total === 0 ? NaN : 1 - dotFrom(residuals, residuals, 0) / total
}

function dotFrom(a: Float64Array, b: Float64Array, from: number): number {
  let total = 0
  for (let i = from; i < a.length; i++) total += (a[i] as number) * (b[i] as number)
  return total
}
