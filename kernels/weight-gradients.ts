/** Gradients by the weights; letters and layouts as in forward.ts. */
import { madd } from './simd'

/** Rows (windows times time) per chunk: a chunk's gate gradients of one quad stay in the L1 cache. */
const CHUNK_ROWS = 256

/**
 * Adds the weight gradients [U][D + H][16], in the weights' layout.
 *
 * Chunks of whole rows of time follow one another in order, so that the sum of every element has
 * one order, which depends on the sizes alone.
 *
 * @param wide Tiles of 4 inputs instead of 2, as in forward.ts; the results are the same bits.
 */
export function addWeightGradients(
  wide: i32,
  T: i32,
  B: i32,
  D: i32,
  H: i32,
  gates: usize,
  inputQuads: usize,
  hiddenQuads: usize,
  gradient: usize,
): void {
  const U = H >> 2
  const chunk = max(1, CHUNK_ROWS / B)
  const stateBytes = <usize>(B * H) << 2
  const inputBytes = <usize>(B * ((D + 3) & ~3)) << 2
  for (let from = 0; from < T; from += chunk) {
    const rows = min(chunk, T - from)
    const later = max(1, from)
    for (let u = 0; u < U; u++) {
      const gate = gates + (<usize>from * stateBytes << 2) + ((<usize>(u * B)) << 6)
      const gateLater = gates + (<usize>later * stateBytes << 2) + ((<usize>(u * B)) << 6)
      const x = inputQuads + <usize>from * inputBytes
      const h = hiddenQuads + <usize>(later - 1) * stateBytes
      const out = gradient + ((<usize>(u * (D + H))) << 6)
      const outLater = out + ((<usize>D) << 6)
      addColumns(wide, rows, B, D, gate, stateBytes << 2, x, inputBytes, out)
      addColumns(wide, from + rows - later, B, H, gateLater, stateBytes << 2, h, stateBytes, outLater)
    }
  }
}

/** All K inputs of one quad of units. */
function addColumns(
  wide: i32,
  rows: i32,
  B: i32,
  K: i32,
  gates: usize,
  gateBytes: usize,
  x: usize,
  xBytes: usize,
  gradient: usize,
): void {
  const columnBytes = (<usize>B) << 4
  let k = 0
  let out = gradient
  if (wide) {
    for (; k + 4 <= K; k += 4, out += 256) {
      addFour(rows, B, gates, gateBytes, x + (<usize>(k >> 2)) * columnBytes, xBytes, out)
    }
  }
  for (; k < K; k += 2, out += 128) {
    const at = x + (<usize>(k >> 2)) * columnBytes + ((<usize>(k & 3)) << 2)
    addTwo(rows, B, gates, gateBytes, at, xBytes, out)
  }
}

/** 2 inputs by 4 units: eight accumulators over all windows of some rows of time. */
// @ts-ignore: decorator
@inline
function addTwo(
  rows: i32,
  B: i32,
  gates: usize,
  gateBytes: usize,
  x: usize,
  xBytes: usize,
  out: usize,
): void {
  let i0 = v128.load(out)
  let f0 = v128.load(out, 16)
  let g0 = v128.load(out, 32)
  let o0 = v128.load(out, 48)
  let i1 = v128.load(out, 64)
  let f1 = v128.load(out, 80)
  let g1 = v128.load(out, 96)
  let o1 = v128.load(out, 112)
  for (let t = 0; t < rows; t++) {
    let z = gates + <usize>t * gateBytes
    let a = x + <usize>t * xBytes
    for (const end = z + ((<usize>B) << 6); z < end; z += 64, a += 16) {
      const x0 = v128.load32_splat(a)
      const x1 = v128.load32_splat(a, 4)
      const zi = v128.load(z)
      i0 = madd(x0, zi, i0)
      i1 = madd(x1, zi, i1)
      const zf = v128.load(z, 16)
      f0 = madd(x0, zf, f0)
      f1 = madd(x1, zf, f1)
      const zg = v128.load(z, 32)
      g0 = madd(x0, zg, g0)
      g1 = madd(x1, zg, g1)
      const zo = v128.load(z, 48)
      o0 = madd(x0, zo, o0)
      o1 = madd(x1, zo, o1)
    }
  }
  v128.store(out, i0)
  v128.store(out, f0, 16)
  v128.store(out, g0, 32)
  v128.store(out, o0, 48)
  v128.store(out, i1, 64)
  v128.store(out, f1, 80)
  v128.store(out, g1, 96)
  v128.store(out, o1, 112)
}

/** 4 inputs by 4 units: sixteen accumulators. */
// @ts-ignore: decorator
@inline
function addFour(
  rows: i32,
  B: i32,
  gates: usize,
  gateBytes: usize,
  x: usize,
  xBytes: usize,
  out: usize,
): void {
  let i0 = v128.load(out)
  let f0 = v128.load(out, 16)
  let g0 = v128.load(out, 32)
  let o0 = v128.load(out, 48)
  let i1 = v128.load(out, 64)
  let f1 = v128.load(out, 80)
  let g1 = v128.load(out, 96)
  let o1 = v128.load(out, 112)
  let i2 = v128.load(out, 128)
  let f2 = v128.load(out, 144)
  let g2 = v128.load(out, 160)
  let o2 = v128.load(out, 176)
  let i3 = v128.load(out, 192)
  let f3 = v128.load(out, 208)
  let g3 = v128.load(out, 224)
  let o3 = v128.load(out, 240)
  for (let t = 0; t < rows; t++) {
    let z = gates + <usize>t * gateBytes
    let a = x + <usize>t * xBytes
    for (const end = z + ((<usize>B) << 6); z < end; z += 64, a += 16) {
      const x0 = v128.load32_splat(a)
      const x1 = v128.load32_splat(a, 4)
      const x2 = v128.load32_splat(a, 8)
      const x3 = v128.load32_splat(a, 12)
      const zi = v128.load(z)
      i0 = madd(x0, zi, i0)
      i1 = madd(x1, zi, i1)
      i2 = madd(x2, zi, i2)
      i3 = madd(x3, zi, i3)
      const zf = v128.load(z, 16)
      f0 = madd(x0, zf, f0)
      f1 = madd(x1, zf, f1)
      f2 = madd(x2, zf, f2)
      f3 = madd(x3, zf, f3)
      const zg = v128.load(z, 32)
      g0 = madd(x0, zg, g0)
      g1 = madd(x1, zg, g1)
      g2 = madd(x2, zg, g2)
      g3 = madd(x3, zg, g3)
      const zo = v128.load(z, 48)
      o0 = madd(x0, zo, o0)
      o1 = madd(x1, zo, o1)
      o2 = madd(x2, zo, o2)
      o3 = madd(x3, zo, o3)
    }
  }
  v128.store(out, i0)
  v128.store(out, f0, 16)
  v128.store(out, g0, 32)
  v128.store(out, o0, 48)
  v128.store(out, i1, 64)
  v128.store(out, f1, 80)
  v128.store(out, g1, 96)
  v128.store(out, o1, 112)
  v128.store(out, i2, 128)
  v128.store(out, f2, 144)
  v128.store(out, g2, 160)
  v128.store(out, o2, 176)
  v128.store(out, i3, 192)
  v128.store(out, f3, 208)
  v128.store(out, g3, 224)
  v128.store(out, o3, 240)
}
