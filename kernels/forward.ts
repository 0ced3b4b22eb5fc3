/**
 * Forward pass of one layer over all rows of time.
 *
 * Letters and layouts, the same in all kernels (every number is a float32, every pointer a byte
 * address, a multiple of 16):
 *
 *   T rows of time, B windows (a multiple of 4), D inputs (even; a multiple of 4 above the lowest
 *   layer), H units (a multiple of 4), U = H / 4 quads of units; what pads them is zero.
 *
 *   weights  [U][D + H][16]      gates i, f, g, o of four units side by side
 *   gates    [U][B][16]          per row of time, the same order
 *   pairs    [B / 2][D or H][2]  per row of time: two windows interleaved, for the forward pass
 *   quads    [D or H / 4][B][4]  per row of time: four units of one window, for everything else
 */
import { interleaveHigh, interleaveLow, madd, sigmoid4, tanh4 } from './simd'

export function forwardLayer(
  T: i32,
  B: i32,
  D: i32,
  H: i32,
  weights: usize,
  bias: usize,
  inputPairs: usize,
  gates: usize,
  cell: usize,
  cellTanh: usize,
  hiddenPairs: usize,
  hiddenQuads: usize,
): void {
  const stateBytes = <usize>(B * H) << 2
  for (let t = 0; t < T; t++) {
    forwardRow(
      t == 0, B, D, H, weights, bias,
      inputPairs + ((<usize>(t * B * D)) << 2),
      gates + (<usize>t * stateBytes << 2),
      cell + <usize>t * stateBytes,
      cellTanh + <usize>t * stateBytes,
      hiddenPairs + <usize>t * stateBytes,
      hiddenQuads + <usize>t * stateBytes,
    )
  }
}

/** One row of time. A tile is 2 windows by 4 units: eight accumulators, one k per iteration. */
function forwardRow(
  first: bool,
  B: i32,
  D: i32,
  H: i32,
  weights: usize,
  bias: usize,
  x: usize,
  gates: usize,
  cell: usize,
  cellTanh: usize,
  hiddenPairs: usize,
  hiddenQuads: usize,
): void {
  const U = H >> 2
  const stateBytes = <usize>(B * H) << 2
  const before = hiddenPairs - stateBytes
  const hiddenTerms = first ? 0 : H
  const quadBytes = <usize>(D + H) << 6
  for (let u = 0; u < U; u++) {
    const biasQuad = bias + ((<usize>u) << 6)
    for (let b = 0; b < B; b += 2) {
      let i0 = v128.load(biasQuad)
      let f0 = v128.load(biasQuad, 16)
      let g0 = v128.load(biasQuad, 32)
      let o0 = v128.load(biasQuad, 48)
      let i1 = i0
      let f1 = f0
      let g1 = g0
      let o1 = o0
      let w = weights + <usize>u * quadBytes
      let a = x + ((<usize>(b * D)) << 2)
      for (let end = a + ((<usize>D) << 3); a < end; a += 8, w += 64) {
        const x0 = v128.load32_splat(a)
        const x1 = v128.load32_splat(a, 4)
        const wi = v128.load(w)
        i0 = madd(x0, wi, i0)
        i1 = madd(x1, wi, i1)
        const wf = v128.load(w, 16)
        f0 = madd(x0, wf, f0)
        f1 = madd(x1, wf, f1)
        const wg = v128.load(w, 32)
        g0 = madd(x0, wg, g0)
        g1 = madd(x1, wg, g1)
        const wo = v128.load(w, 48)
        o0 = madd(x0, wo, o0)
        o1 = madd(x1, wo, o1)
      }
      a = before + ((<usize>(b * H)) << 2)
      for (let end = a + ((<usize>hiddenTerms) << 3); a < end; a += 8, w += 64) {
        const x0 = v128.load32_splat(a)
        const x1 = v128.load32_splat(a, 4)
        const wi = v128.load(w)
        i0 = madd(x0, wi, i0)
        i1 = madd(x1, wi, i1)
        const wf = v128.load(w, 16)
        f0 = madd(x0, wf, f0)
        f1 = madd(x1, wf, f1)
        const wg = v128.load(w, 32)
        g0 = madd(x0, wg, g0)
        g1 = madd(x1, wg, g1)
        const wo = v128.load(w, 48)
        o0 = madd(x0, wo, o0)
        o1 = madd(x1, wo, o1)
      }
      const gate = gates + ((<usize>(u * B + b)) << 6)
      const state = (<usize>(u * B + b)) << 4
      const h0 = activate(first, gate, cell + state, cellTanh + state, stateBytes, i0, f0, g0, o0)
      const h1 = activate(
        first, gate + 64, cell + state + 16, cellTanh + state + 16, stateBytes, i1, f1, g1, o1,
      )
      v128.store(hiddenQuads + state, h0)
      v128.store(hiddenQuads + state, h1, 16)
      const pair = hiddenPairs + ((<usize>(b * H + 8 * u)) << 2)
      v128.store(pair, interleaveLow(h0, h1))
      v128.store(pair, interleaveHigh(h0, h1), 16)
    }
  }
}

/** Gates, cell state and output of four units from the sums; keeps what the way back needs. */
// @ts-ignore: decorator
@inline
function activate(
  first: bool,
  gate: usize,
  cell: usize,
  cellTanh: usize,
  stateBytes: usize,
  zi: v128,
  zf: v128,
  zg: v128,
  zo: v128,
): v128 {
  const i = sigmoid4(zi)
  const f = sigmoid4(zf)
  const g = tanh4(zg)
  const o = sigmoid4(zo)
  let c = f32x4.mul(i, g)
  if (!first) c = madd(f, v128.load(cell - stateBytes), c)
  const squashed = tanh4(c)
  v128.store(gate, i)
  v128.store(gate, f, 16)
  v128.store(gate, g, 32)
  v128.store(gate, o, 48)
  v128.store(cell, c)
  v128.store(cellTanh, squashed)
  return f32x4.mul(o, squashed)
}
