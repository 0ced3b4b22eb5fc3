/**
 * Trailing weighted and plain sums of a column of doubles, eight rows at a time. Rows lie in lanes, so
 * that each row's sum still runs from its newest value to its oldest, with plain additions and
 * multiplications: the bits are those of a loop over one row.
 */

/**
 * For the rows `sessions … rows − 1`: weighted[t] = Σ weights[k] · x[t − k], plain[t] = Σ x[t − k],
 * k = 0 … sessions − 1. Arguments but the counts are byte addresses. Both results may be written up to
 * seven rows past their end.
 */
export function trailingSums(
  rows: i32,
  sessions: i32,
  x: usize,
  weights: usize,
  weighted: usize,
  plain: usize,
): void {
  for (let t = sessions; t < rows; t += 8) {
    let w0 = f64x2.splat(0)
    let w1 = w0
    let w2 = w0
    let w3 = w0
    let p0 = w0
    let p1 = w0
    let p2 = w0
    let p3 = w0
    let from = x + (<usize>t << 3)
    for (let k = 0; k < sessions; k++) {
      const weight = v128.load64_splat(weights + (<usize>k << 3))
      const x0 = v128.load(from)
      const x1 = v128.load(from, 16)
      const x2 = v128.load(from, 32)
      const x3 = v128.load(from, 48)
      w0 = f64x2.add(w0, f64x2.mul(weight, x0))
      w1 = f64x2.add(w1, f64x2.mul(weight, x1))
      w2 = f64x2.add(w2, f64x2.mul(weight, x2))
      w3 = f64x2.add(w3, f64x2.mul(weight, x3))
      p0 = f64x2.add(p0, x0)
      p1 = f64x2.add(p1, x1)
      p2 = f64x2.add(p2, x2)
      p3 = f64x2.add(p3, x3)
      from -= 8
    }
    const out = <usize>t << 3
    v128.store(weighted + out, w0)
    v128.store(weighted + out, w1, 16)
    v128.store(weighted + out, w2, 32)
    v128.store(weighted + out, w3, 48)
    v128.store(plain + out, p0)
    v128.store(plain + out, p1, 16)
    v128.store(plain + out, p2, 32)
    v128.store(plain + out, p3, 48)
  }
}
