/**
 * One window through one layer, keeping nothing: matrix times vector instead of matrix times matrix.
 * Every sum has the same terms in the same order as in forward.ts, so the bits are the same.
 */
import { activate4, half4, madd, one4, splat, tanh4 } from './simd'

/**
 * @param F      Inputs read per row, <= D: what pads them is zero and not read.
 * @param x      Rows [T], `xBytes` apart.
 * @param cell   Working memory [H].
 * @param hidden Receives the outputs [T][H].
 */
export function inferLayer(
  T: i32,
  F: i32,
  D: i32,
  H: i32,
  weights: usize,
  bias: usize,
  x: usize,
  xBytes: usize,
  cell: usize,
  hidden: usize,
): void {
  const U = H >> 2
  const quadBytes = <usize>(D + H) << 6
  const rowBytes = (<usize>H) << 2
  memory.fill(cell, 0, rowBytes)
  for (let t = 0; t < T; t++) {
    const row = x + <usize>t * xBytes
    const out = hidden + <usize>t * rowBytes
    const hiddenTerms = t == 0 ? 0 : H
    for (let u = 0; u < U; u += 2) {
      const v = min(u + 1, U - 1)
      inferTile(
        F, D, hiddenTerms, row, out - rowBytes,
        weights + <usize>u * quadBytes, weights + <usize>v * quadBytes,
        bias + ((<usize>u) << 6), bias + ((<usize>v) << 6),
        cell + ((<usize>u) << 4), cell + ((<usize>v) << 4),
        out + ((<usize>u) << 4), out + ((<usize>v) << 4),
      )
    }
  }
}

/** Two quads of units: eight accumulators. At an odd end both quads are the same one. */
// @ts-ignore: decorator
@inline
function inferTile(
  F: i32,
  D: i32,
  hiddenTerms: i32,
  x: usize,
  before: usize,
  left: usize,
  right: usize,
  leftBias: usize,
  rightBias: usize,
  leftCell: usize,
  rightCell: usize,
  leftOut: usize,
  rightOut: usize,
): void {
  let i0 = v128.load(leftBias)
  let f0 = v128.load(leftBias, 16)
  let g0 = v128.load(leftBias, 32)
  let o0 = v128.load(leftBias, 48)
  let i1 = v128.load(rightBias)
  let f1 = v128.load(rightBias, 16)
  let g1 = v128.load(rightBias, 32)
  let o1 = v128.load(rightBias, 48)
  let w0 = left
  let w1 = right
  let a = x
  for (const end = a + ((<usize>F) << 2); a < end; a += 4, w0 += 64, w1 += 64) {
    const y = v128.load32_splat(a)
    i0 = madd(y, v128.load(w0), i0)
    f0 = madd(y, v128.load(w0, 16), f0)
    g0 = madd(y, v128.load(w0, 32), g0)
    o0 = madd(y, v128.load(w0, 48), o0)
    i1 = madd(y, v128.load(w1), i1)
    f1 = madd(y, v128.load(w1, 16), f1)
    g1 = madd(y, v128.load(w1, 32), g1)
    o1 = madd(y, v128.load(w1, 48), o1)
  }
  const skipped = (<usize>(D - F)) << 6
  w0 += skipped
  w1 += skipped
  a = before
  for (const end = a + ((<usize>hiddenTerms) << 2); a < end; a += 4, w0 += 64, w1 += 64) {
    const y = v128.load32_splat(a)
    i0 = madd(y, v128.load(w0), i0)
    f0 = madd(y, v128.load(w0, 16), f0)
    g0 = madd(y, v128.load(w0, 32), g0)
    o0 = madd(y, v128.load(w0, 48), o0)
    i1 = madd(y, v128.load(w1), i1)
    f1 = madd(y, v128.load(w1, 16), f1)
    g1 = madd(y, v128.load(w1, 32), g1)
    o1 = madd(y, v128.load(w1, 48), o1)
  }
  const c0 = v128.load(leftCell)
  const c1 = v128.load(rightCell)
  finish(i0, f0, g0, o0, c0, leftCell, leftOut)
  finish(i1, f1, g1, o1, c1, rightCell, rightOut)
}

// @ts-ignore: decorator
@inline
function finish(zi: v128, zf: v128, zg: v128, zo: v128, before: v128, cell: usize, out: usize): void {
  const one = one4()
  const half = half4()
  const i = activate4(zi, half, half, half)
  const f = activate4(zf, half, half, half)
  const g = activate4(zg, one, one, splat(0))
  const o = activate4(zo, half, half, half)
  const c = madd(f, before, f32x4.mul(i, g))
  v128.store(cell, c)
  v128.store(out, f32x4.mul(o, tanh4(c)))
}
