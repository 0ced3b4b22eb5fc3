/** What enters a layer: windows gathered from rows, or the layer below with some of it dropped. */
import { interleaveHigh, interleaveLow } from './simd'

/**
 * Gathers the windows that end at the rows `ends` [windows] from row-major rows [n][F], into pairs
 * and quads of D >= F inputs and B >= windows windows; what is left over becomes zero.
 */
export function gatherWindows(
  rows: usize,
  F: i32,
  ends: usize,
  windows: i32,
  T: i32,
  B: i32,
  D: i32,
  pairs: usize,
  quads: usize,
): void {
  const columns = (D + 3) & ~3
  if (F < columns || windows < B) {
    memory.fill(pairs, 0, (<usize>(T * B * D)) << 2)
    memory.fill(quads, 0, (<usize>(T * B * columns)) << 2)
  }
  for (let b = 0; b < windows; b += 2) {
    const row = firstRow(rows, F, ends, b, T)
    const pair = pairs + ((<usize>(b * D)) << 2)
    const quad = quads + ((<usize>b) << 4)
    if (b + 1 < windows) gatherTwo(row, firstRow(rows, F, ends, b + 1, T), F, T, B, D, pair, quad)
    else gatherColumns(row, 0, F, T, B, D, pair, quad)
  }
}

/** Address of the first row of window b. */
// @ts-ignore: decorator
@inline
function firstRow(rows: usize, F: i32, ends: usize, b: i32, T: i32): usize {
  return rows + ((<usize>((load<i32>(ends + ((<usize>b) << 2)) - T + 1) * F)) << 2)
}

/** Two neighbouring windows, four inputs at a time; those left over one by one. */
function gatherTwo(
  left: usize,
  right: usize,
  F: i32,
  T: i32,
  B: i32,
  D: i32,
  pairs: usize,
  quads: usize,
): void {
  const whole = F & ~3
  const quadBytes = (<usize>B) << 4
  const columnQuads = <usize>((D + 3) >> 2)
  for (let t = 0; t < T; t++) {
    const offset = (<usize>(t * F)) << 2
    let pair = pairs + ((<usize>(t * B * D)) << 2)
    let quad = quads + <usize>t * columnQuads * quadBytes
    for (let k = 0; k < whole; k += 4, pair += 32, quad += quadBytes) {
      const a = v128.load(left + offset + ((<usize>k) << 2))
      const b = v128.load(right + offset + ((<usize>k) << 2))
      v128.store(quad, a)
      v128.store(quad, b, 16)
      v128.store(pair, interleaveLow(a, b))
      v128.store(pair, interleaveHigh(a, b), 16)
    }
  }
  if (whole == F) return
  gatherColumns(left, whole, F, T, B, D, pairs, quads)
  gatherColumns(right, whole, F, T, B, D, pairs + 4, quads + 16)
}

/** The inputs from `from` to F - 1 of one window. */
function gatherColumns(
  rows: usize,
  from: i32,
  F: i32,
  T: i32,
  B: i32,
  D: i32,
  pairs: usize,
  quads: usize,
): void {
  const columns = (D + 3) & ~3
  for (let t = 0; t < T; t++) {
    for (let k = from; k < F; k++) {
      const x = load<f32>(rows + ((<usize>(t * F + k)) << 2))
      store<f32>(pairs + ((<usize>(t * B * D + 2 * k)) << 2), x)
      store<f32>(quads + ((<usize>(t * B * columns + (k >> 2) * B * 4 + (k & 3))) << 2), x)
    }
  }
}

/**
 * Copies the quads of the layer below into the quads and pairs of a layer's input, each element
 * multiplied by 0 or `scale`; keeps the factors [T], quads, for the way back.
 *
 * Which elements are dropped: those whose word of Philox 4x32-10, at their place's counter, is
 * below `threshold`.
 */
export function dropInput(
  T: i32,
  B: i32,
  D: i32,
  layer: u32,
  firstWindow: u32,
  step: u32,
  key0: u32,
  key1: u32,
  threshold: u32,
  scale: f32,
  below: usize,
  quads: usize,
  pairs: usize,
  factors: usize,
): void {
  const U = D >> 2
  for (let t = 0; t < T; t++) {
    for (let u = 0; u < U; u++) {
      for (let b = 0; b < B; b++) {
        const at = (<usize>((t * U + u) * B + b)) << 4
        const words = philox((layer << 24) | <u32>u, <u32>t, firstWindow + <u32>b, step, key0, key1)
        const keep = i32x4.ge_u(words, i32x4.splat(<i32>threshold))
        const factor = v128.and(keep, f32x4.splat(scale))
        v128.store(factors + at, factor)
        v128.store(quads + at, f32x4.mul(v128.load(below + at), factor))
      }
      for (let b = 0; b < B; b += 2) {
        const at = quads + ((<usize>((t * U + u) * B + b)) << 4)
        const pair = pairs + ((<usize>(t * B * D + b * D + 8 * u)) << 2)
        v128.store(pair, interleaveLow(v128.load(at), v128.load(at, 16)))
        v128.store(pair, interleaveHigh(v128.load(at), v128.load(at, 16)), 16)
      }
    }
  }
}

/** Four random words; the same as `philox4x32` of the numerics gives. */
function philox(a: u32, b: u32, c: u32, d: u32, key0: u32, key1: u32): v128 {
  let c0 = a
  let c1 = b
  let c2 = c
  let c3 = d
  let k0 = key0
  let k1 = key1
  for (let round = 0; round < 10; round++) {
    const left = <u64>0xd2511f53 * <u64>c0
    const right = <u64>0xcd9e8d57 * <u64>c2
    c0 = <u32>(right >> 32) ^ c1 ^ k0
    c1 = <u32>right
    c2 = <u32>(left >> 32) ^ c3 ^ k1
    c3 = <u32>left
    k0 += 0x9e3779b9
    k1 += 0xbb67ae85
  }
  let words = i32x4.splat(<i32>c0)
  words = i32x4.replace_lane(words, 1, <i32>c1)
  words = i32x4.replace_lane(words, 2, <i32>c2)
  return i32x4.replace_lane(words, 3, <i32>c3)
}
