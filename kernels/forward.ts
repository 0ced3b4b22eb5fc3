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
import { activate4, constants4, half4, interleaveHigh, interleaveLow, madd, tanh4 } from './simd'

/**
 * @param wide Tiles of 4 windows instead of 2: sixteen accumulators, which fit the registers only where
 *   the JavaScript engine joins neighbouring vectors to 256 bits. The results are the same bits.
 */
export function forwardLayer(
  wide: i32,
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
  const U = H >> 2
  const stateBytes = <usize>(B * H) << 2
  const quadBytes = <usize>(D + H) << 6
  for (let t = 0; t < T; t++) {
    const at = <usize>t * stateBytes
    const x = inputPairs + ((<usize>(t * B * D)) << 2)
    const hiddenTerms = t == 0 ? 0 : H
    for (let u = 0; u < U; u++) {
      const gate = gates + (at << 2) + ((<usize>(u * B)) << 6)
      const state = at + ((<usize>(u * B)) << 4)
      const w = weights + <usize>u * quadBytes
      const biasQuad = bias + ((<usize>u) << 6)
      if (wide) sumWide(B, D, H, hiddenTerms, w, biasQuad, x, hiddenPairs + at - stateBytes, gate)
      else sumNarrow(B, D, H, hiddenTerms, w, biasQuad, x, hiddenPairs + at - stateBytes, gate)
      activateGates(B, gate)
      const pairs = hiddenPairs + at + ((<usize>(8 * u)) << 2)
      updateCells(t == 0, B, H, gate, cell + state, stateBytes, cellTanh + state, pairs, hiddenQuads + state)
    }
  }
}

/** The sums z of four units for all windows, two windows at a time. */
function sumNarrow(
  B: i32,
  D: i32,
  H: i32,
  hiddenTerms: i32,
  weights: usize,
  bias: usize,
  x: usize,
  before: usize,
  gates: usize,
): void {
  for (let b = 0; b < B; b += 2) {
    const row = before + ((<usize>(b * H)) << 2)
    addTwo(D, hiddenTerms, weights, bias, x + ((<usize>(b * D)) << 2), row, gates + ((<usize>b) << 6))
  }
}

/** The same, four windows at a time. */
function sumWide(
  B: i32,
  D: i32,
  H: i32,
  hiddenTerms: i32,
  weights: usize,
  bias: usize,
  x: usize,
  before: usize,
  gates: usize,
): void {
  for (let b = 0; b < B; b += 4) {
    const row = before + ((<usize>(b * H)) << 2)
    addFour(D, hiddenTerms, H, weights, bias, x + ((<usize>(b * D)) << 2), row, gates + ((<usize>b) << 6))
  }
}

/** 2 windows by 4 units: eight accumulators, one k per iteration. */
// @ts-ignore: decorator
@inline
function addTwo(
  terms: i32,
  hiddenTerms: i32,
  weights: usize,
  bias: usize,
  x: usize,
  before: usize,
  gates: usize,
): void {
  let i0 = v128.load(bias)
  let f0 = v128.load(bias, 16)
  let g0 = v128.load(bias, 32)
  let o0 = v128.load(bias, 48)
  let i1 = v128.load(bias)
  let f1 = v128.load(bias, 16)
  let g1 = v128.load(bias, 32)
  let o1 = v128.load(bias, 48)
  let w = weights
  let a = x
  for (const end = a + ((<usize>terms) << 3); a < end; a += 8, w += 64) {
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
  a = before
  for (const end = a + ((<usize>hiddenTerms) << 3); a < end; a += 8, w += 64) {
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
  v128.store(gates, i0)
  v128.store(gates, f0, 16)
  v128.store(gates, g0, 32)
  v128.store(gates, o0, 48)
  v128.store(gates, i1, 64)
  v128.store(gates, f1, 80)
  v128.store(gates, g1, 96)
  v128.store(gates, o1, 112)
}

/** 4 windows by 4 units: sixteen accumulators. */
// @ts-ignore: decorator
@inline
function addFour(
  terms: i32,
  hiddenTerms: i32,
  units: i32,
  weights: usize,
  bias: usize,
  x: usize,
  before: usize,
  gates: usize,
): void {
  let i0 = v128.load(bias)
  let f0 = v128.load(bias, 16)
  let g0 = v128.load(bias, 32)
  let o0 = v128.load(bias, 48)
  let i1 = v128.load(bias)
  let f1 = v128.load(bias, 16)
  let g1 = v128.load(bias, 32)
  let o1 = v128.load(bias, 48)
  let i2 = v128.load(bias)
  let f2 = v128.load(bias, 16)
  let g2 = v128.load(bias, 32)
  let o2 = v128.load(bias, 48)
  let i3 = v128.load(bias)
  let f3 = v128.load(bias, 16)
  let g3 = v128.load(bias, 32)
  let o3 = v128.load(bias, 48)
  let w = weights
  let a = x
  let b = a + ((<usize>terms) << 3)
  for (const end = a + ((<usize>terms) << 3); a < end; a += 8, b += 8, w += 64) {
    const x0 = v128.load32_splat(a)
    const x1 = v128.load32_splat(a, 4)
    const x2 = v128.load32_splat(b)
    const x3 = v128.load32_splat(b, 4)
    const wi = v128.load(w)
    i0 = madd(x0, wi, i0)
    i1 = madd(x1, wi, i1)
    i2 = madd(x2, wi, i2)
    i3 = madd(x3, wi, i3)
    const wf = v128.load(w, 16)
    f0 = madd(x0, wf, f0)
    f1 = madd(x1, wf, f1)
    f2 = madd(x2, wf, f2)
    f3 = madd(x3, wf, f3)
    const wg = v128.load(w, 32)
    g0 = madd(x0, wg, g0)
    g1 = madd(x1, wg, g1)
    g2 = madd(x2, wg, g2)
    g3 = madd(x3, wg, g3)
    const wo = v128.load(w, 48)
    o0 = madd(x0, wo, o0)
    o1 = madd(x1, wo, o1)
    o2 = madd(x2, wo, o2)
    o3 = madd(x3, wo, o3)
  }
  a = before
  b = a + ((<usize>units) << 3)
  for (const end = a + ((<usize>hiddenTerms) << 3); a < end; a += 8, b += 8, w += 64) {
    const x0 = v128.load32_splat(a)
    const x1 = v128.load32_splat(a, 4)
    const x2 = v128.load32_splat(b)
    const x3 = v128.load32_splat(b, 4)
    const wi = v128.load(w)
    i0 = madd(x0, wi, i0)
    i1 = madd(x1, wi, i1)
    i2 = madd(x2, wi, i2)
    i3 = madd(x3, wi, i3)
    const wf = v128.load(w, 16)
    f0 = madd(x0, wf, f0)
    f1 = madd(x1, wf, f1)
    f2 = madd(x2, wf, f2)
    f3 = madd(x3, wf, f3)
    const wg = v128.load(w, 32)
    g0 = madd(x0, wg, g0)
    g1 = madd(x1, wg, g1)
    g2 = madd(x2, wg, g2)
    g3 = madd(x3, wg, g3)
    const wo = v128.load(w, 48)
    o0 = madd(x0, wo, o0)
    o1 = madd(x1, wo, o1)
    o2 = madd(x2, wo, o2)
    o3 = madd(x3, wo, o3)
  }
  v128.store(gates, i0)
  v128.store(gates, f0, 16)
  v128.store(gates, g0, 32)
  v128.store(gates, o0, 48)
  v128.store(gates, i1, 64)
  v128.store(gates, f1, 80)
  v128.store(gates, g1, 96)
  v128.store(gates, o1, 112)
  v128.store(gates, i2, 128)
  v128.store(gates, f2, 144)
  v128.store(gates, g2, 160)
  v128.store(gates, o2, 176)
  v128.store(gates, i3, 192)
  v128.store(gates, f3, 208)
  v128.store(gates, g3, 224)
  v128.store(gates, o3, 240)
}

/**
 * Gates from their sums, in place. All four go through one formula, so that neighbours are alike and
 * can be joined: scale · tanh(steepness · z) + offset is tanh for g and σ for the others. Each pair
 * has a loop of its own, and its constants are read before: V8 joins only loads with nothing between.
 */
function activateGates(B: i32, gates: usize): void {
  const half = half4()
  const slopeG = constants4(16)
  const slopeO = constants4(20)
  const offsetG = constants4(24)
  const offsetO = constants4(28)
  const end = gates + ((<usize>B) << 6)
  for (let gate = gates; gate < end; gate += 64) {
    const i = activate4(v128.load(gate), half, half, half)
    const f = activate4(v128.load(gate, 16), half, half, half)
    v128.store(gate, i)
    v128.store(gate, f, 16)
  }
  for (let gate = gates; gate < end; gate += 64) {
    const g = activate4(v128.load(gate, 32), slopeG, slopeG, offsetG)
    const o = activate4(v128.load(gate, 48), slopeO, slopeO, offsetO)
    v128.store(gate, g, 32)
    v128.store(gate, o, 48)
  }
}

/** Cell state and output of four units, two windows at a time. */
function updateCells(
  first: bool,
  B: i32,
  H: i32,
  gates: usize,
  cells: usize,
  stateBytes: usize,
  cellTanhs: usize,
  pairs: usize,
  quads: usize,
): void {
  for (let b = 0; b < B; b += 2) {
    const gate = gates + ((<usize>b) << 6)
    const cell = cells + ((<usize>b) << 4)
    const cellTanh = cellTanhs + ((<usize>b) << 4)
    const quad = quads + ((<usize>b) << 4)
    const pair = pairs + ((<usize>(b * H)) << 2)
    let c0 = f32x4.mul(v128.load(gate), v128.load(gate, 32))
    let c1 = f32x4.mul(v128.load(gate, 64), v128.load(gate, 96))
    if (!first) {
      const before = cell - stateBytes
      c0 = madd(v128.load(gate, 16), v128.load(before), c0)
      c1 = madd(v128.load(gate, 80), v128.load(before, 16), c1)
    }
    v128.store(cell, c0)
    v128.store(cell, c1, 16)
    const s0 = tanh4(c0)
    const s1 = tanh4(c1)
    v128.store(cellTanh, s0)
    v128.store(cellTanh, s1, 16)
    const h0 = f32x4.mul(v128.load(gate, 48), s0)
    const h1 = f32x4.mul(v128.load(gate, 112), s1)
    v128.store(quad, h0)
    v128.store(quad, h1, 16)
    v128.store(pair, interleaveLow(h0, h1))
    v128.store(pair, interleaveHigh(h0, h1), 16)
  }
}
