/** The one matrix product behind forward pass, backward pass and weight gradients. */

/**
 * C [M, N] += A [M, K] · B [K, N], on flat arrays with any strides, so that a transposed operand is
 * only a matter of how it is walked.
 *
 * C is made in tiles of 2 rows by 4 columns whose eight sums stay in registers. At an odd edge the
 * tile's index is clamped: the last row or column is computed twice and stored twice, the same
 * value. Every element is its old value plus its K terms in ascending order, whatever the tiling.
 *
 * Arguments are positional because an options object per call would be allocated in the hot loop.
 *
 * @param c     Row-major, first element at `cAt`; must not alias `a` or `b`.
 * @param aRow  Distance in `a` from one row of A to the next; `aTerm` from one term to the next.
 * @param bTerm Distance in `b` from one term of B to the next; `bColumn` from one column to the next.
 */
export function addProduct(
  c: Float64Array,
  cAt: number,
  a: Float64Array,
  aAt: number,
  aRow: number,
  aTerm: number,
  b: Float64Array,
  bAt: number,
  bTerm: number,
  bColumn: number,
  M: number,
  N: number,
  K: number,
): void {
  for (let m = 0; m < M; m += 2) {
    const m1 = m + 1 < M ? m + 1 : m
    const c0 = cAt + m * N
    const c1 = cAt + m1 * N
    for (let n = 0; n < N; n += 4) {
      const n1 = n + 1 < N ? n + 1 : n
      const n2 = n + 2 < N ? n + 2 : n
      const n3 = n + 3 < N ? n + 3 : n
      let a0 = aAt + m * aRow
      let a1 = aAt + m1 * aRow
      let b0 = bAt + n * bColumn
      let b1 = bAt + n1 * bColumn
      let b2 = bAt + n2 * bColumn
      let b3 = bAt + n3 * bColumn
      let s00 = c[c0 + n] as number
      let s01 = c[c0 + n1] as number
      let s02 = c[c0 + n2] as number
      let s03 = c[c0 + n3] as number
      let s10 = c[c1 + n] as number
      let s11 = c[c1 + n1] as number
      let s12 = c[c1 + n2] as number
      let s13 = c[c1 + n3] as number
      for (let k = 0; k < K; k++) {
        const x0 = a[a0] as number
        const x1 = a[a1] as number
        const y0 = b[b0] as number
        const y1 = b[b1] as number
        const y2 = b[b2] as number
        const y3 = b[b3] as number
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        a0 += aTerm
        a1 += aTerm
        b0 += bTerm
        b1 += bTerm
        b2 += bTerm
        b3 += bTerm
      }
      c[c0 + n] = s00
      c[c0 + n1] = s01
      c[c0 + n2] = s02
      c[c0 + n3] = s03
      c[c1 + n] = s10
      c[c1 + n1] = s11
      c[c1 + n2] = s12
      c[c1 + n3] = s13
    }
  }
}
