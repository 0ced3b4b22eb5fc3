/** Gradients by the weights; letters and layouts as in forward.ts. */
import { madd } from './simd'

/** Rows (windows times time) per chunk: a chunk's gate gradients of one quad stay in the L1 cache. */
const CHUNK_ROWS = 256

/**
 * Adds the weight gradients [U][D + H][16], in the weights' layout.
 *
 * Chunks of whole rows of time follow one another in order, so that the sum of every element has
 * one order, which depends on the sizes alone.
 */
export function addWeightGradients(
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
  const columnBytes = (<usize>B) << 4
  for (let from = 0; from < T; from += chunk) {
    const rows = min(chunk, T - from)
    const later = max(1, from)
    for (let u = 0; u < U; u++) {
      const gate = gates + (<usize>from * stateBytes << 2) + ((<usize>(u * B)) << 6)
      const gateLater = gates + (<usize>later * stateBytes << 2) + ((<usize>(u * B)) << 6)
      let out = gradient + ((<usize>(u * (D + H))) << 6)
      for (let k = 0; k < D; k += 2, out += 128) {
        const x = inputQuads + <usize>from * inputBytes + (<usize>(k >> 2)) * columnBytes + ((<usize>(k & 3)) << 2)
        addTile(rows, B, gate, stateBytes << 2, x, inputBytes, out)
      }
      for (let k = 0; k < H; k += 2, out += 128) {
        const h = hiddenQuads + <usize>(later - 1) * stateBytes + (<usize>(k >> 2)) * columnBytes + ((<usize>(k & 3)) << 2)
        addTile(from + rows - later, B, gateLater, stateBytes << 2, h, stateBytes, out)
      }
    }
  }
}

/** 2 inputs by 4 units: eight accumulators over all windows of some rows of time. */
// @ts-ignore: decorator
@inline
function addTile(
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
