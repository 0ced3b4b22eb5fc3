/** Backpropagation through time of one layer; letters and layouts as in forward.ts. */
import { madd, splat } from './simd'

/**
 * Turns the gates into their gradients, in place, from the last row of time to the first.
 *
 * @param hiddenGradient Gradient by h from above [T], quads; the way back adds to it.
 * @param cellGradient   Working memory, quads of one row of time.
 * @param transposed     Recurrent weights as `transposeWeights` packs them.
 * @param transposedInput Input weights packed likewise; 0 when no input gradient is wanted.
 * @param inputGradient  Receives the gradient by the input [T], quads.
 * @param biasGradient   [U][16], added to.
 */
export function backwardLayer(
  T: i32,
  B: i32,
  D: i32,
  H: i32,
  transposed: usize,
  transposedInput: usize,
  gates: usize,
  cell: usize,
  cellTanh: usize,
  hiddenGradient: usize,
  cellGradient: usize,
  inputGradient: usize,
  biasGradient: usize,
): void {
  const stateBytes = <usize>(B * H) << 2
  const inputBytes = <usize>(B * D) << 2
  memory.fill(cellGradient, 0, stateBytes)
  for (let t = T - 1; t >= 0; t--) {
    const at = <usize>t * stateBytes
    const gate = gates + (at << 2)
    differentiateRow(
      t == 0, B, H, gate, cell + at, cellTanh + at, hiddenGradient + at, cellGradient, biasGradient,
    )
    if (t > 0) addByWeights(B, H, H, transposed, gate, hiddenGradient + at - stateBytes)
    if (transposedInput) {
      const out = inputGradient + <usize>t * inputBytes
      memory.fill(out, 0, inputBytes)
      addByWeights(B, D, H, transposedInput, gate, out)
    }
  }
}

/** Gate gradients of one row of time, their sums for the bias, and the cell gradient to pass on. */
function differentiateRow(
  first: bool,
  B: i32,
  H: i32,
  gates: usize,
  cell: usize,
  cellTanh: usize,
  hiddenGradient: usize,
  cellGradient: usize,
  biasGradient: usize,
): void {
  const U = H >> 2
  const one = splat(1)
  const cellBefore = cell - ((<usize>(B * H)) << 2)
  for (let u = 0; u < U; u++) {
    const bias = biasGradient + ((<usize>u) << 6)
    let bi = v128.load(bias)
    let bf = v128.load(bias, 16)
    let bg = v128.load(bias, 32)
    let bo = v128.load(bias, 48)
    for (let b = 0; b < B; b++) {
      const gate = gates + ((<usize>(u * B + b)) << 6)
      const state = (<usize>(u * B + b)) << 4
      const i = v128.load(gate)
      const f = v128.load(gate, 16)
      const g = v128.load(gate, 32)
      const o = v128.load(gate, 48)
      const squashed = v128.load(cellTanh + state)
      const dh = v128.load(hiddenGradient + state)
      const slope = f32x4.sub(one, f32x4.mul(squashed, squashed))
      const dc = madd(f32x4.mul(dh, o), slope, v128.load(cellGradient + state))
      const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)))
      const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)))
      const dout = f32x4.mul(f32x4.mul(dh, squashed), f32x4.mul(o, f32x4.sub(one, o)))
      let df = splat(0)
      if (!first) {
        const kept = v128.load(cellBefore + state)
        df = f32x4.mul(f32x4.mul(dc, kept), f32x4.mul(f, f32x4.sub(one, f)))
      }
      v128.store(gate, di)
      v128.store(gate, df, 16)
      v128.store(gate, dg, 32)
      v128.store(gate, dout, 48)
      v128.store(cellGradient + state, f32x4.mul(dc, f))
      bi = f32x4.add(bi, di)
      bf = f32x4.add(bf, df)
      bg = f32x4.add(bg, dg)
      bo = f32x4.add(bo, dout)
    }
    v128.store(bias, bi)
    v128.store(bias, bf, 16)
    v128.store(bias, bg, 32)
    v128.store(bias, bo, 48)
  }
}

/**
 * Adds gate gradients times weights to `out` (quads of K columns): tiles of 4 windows by 8 columns,
 * and of 4 by 4 where K is not a multiple of 8.
 */
function addByWeights(B: i32, K: i32, H: i32, transposed: usize, gates: usize, out: usize): void {
  const columnBytes = (<usize>B) << 4
  let packed = transposed
  let column = 0
  for (; column + 8 <= K; column += 8) {
    const at = out + (<usize>(column >> 2)) * columnBytes
    for (let b = 0; b < B; b += 4) {
      addTileOfEight(H >> 2, (<usize>B) << 6, packed, gates + ((<usize>b) << 6), at + ((<usize>b) << 4), columnBytes)
    }
    packed += (<usize>H) << 7
  }
  if (column < K) {
    const at = out + (<usize>(column >> 2)) * columnBytes
    for (let b = 0; b < B; b += 4) {
      addTileOfFour(H >> 2, (<usize>B) << 6, packed, gates + ((<usize>b) << 6), at + ((<usize>b) << 4))
    }
  }
}

// @ts-ignore: decorator
@inline
function addTileOfEight(
  U: i32,
  quadBytes: usize,
  packed: usize,
  gates: usize,
  out: usize,
  columnBytes: usize,
): void {
  const right = out + columnBytes
  let l0 = v128.load(out)
  let l1 = v128.load(out, 16)
  let l2 = v128.load(out, 32)
  let l3 = v128.load(out, 48)
  let r0 = v128.load(right)
  let r1 = v128.load(right, 16)
  let r2 = v128.load(right, 32)
  let r3 = v128.load(right, 48)
  let w = packed
  for (let u = 0; u < U; u++) {
    let z = gates + <usize>u * quadBytes
    for (const end = z + 64; z < end; z += 4, w += 32) {
      const wl = v128.load(w)
      const wr = v128.load(w, 16)
      const z0 = v128.load32_splat(z)
      l0 = madd(z0, wl, l0)
      r0 = madd(z0, wr, r0)
      const z1 = v128.load32_splat(z, 64)
      l1 = madd(z1, wl, l1)
      r1 = madd(z1, wr, r1)
      const z2 = v128.load32_splat(z, 128)
      l2 = madd(z2, wl, l2)
      r2 = madd(z2, wr, r2)
      const z3 = v128.load32_splat(z, 192)
      l3 = madd(z3, wl, l3)
      r3 = madd(z3, wr, r3)
    }
  }
  v128.store(out, l0)
  v128.store(out, l1, 16)
  v128.store(out, l2, 32)
  v128.store(out, l3, 48)
  v128.store(right, r0)
  v128.store(right, r1, 16)
  v128.store(right, r2, 32)
  v128.store(right, r3, 48)
}

// @ts-ignore: decorator
@inline
function addTileOfFour(U: i32, quadBytes: usize, packed: usize, gates: usize, out: usize): void {
  let s0 = v128.load(out)
  let s1 = v128.load(out, 16)
  let s2 = v128.load(out, 32)
  let s3 = v128.load(out, 48)
  let w = packed
  for (let u = 0; u < U; u++) {
    let z = gates + <usize>u * quadBytes
    for (const end = z + 64; z < end; z += 4, w += 16) {
      const column = v128.load(w)
      s0 = madd(v128.load32_splat(z), column, s0)
      s1 = madd(v128.load32_splat(z, 64), column, s1)
      s2 = madd(v128.load32_splat(z, 128), column, s2)
      s3 = madd(v128.load32_splat(z, 192), column, s3)
    }
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
}

/**
 * Packs K columns of the weights, from column `from` of the D + H, so that `addByWeights` reads them
 * in order: [K / 8][4H][8], the last four columns of an odd quad as [4H][4].
 */
export function transposeWeights(
  columns: i32,
  from: i32,
  K: i32,
  H: i32,
  weights: usize,
  transposed: usize,
): void {
  const U = H >> 2
  let out = transposed
  for (let column = 0; column < K; column += 8) {
    const width = min(8, K - column)
    for (let u = 0; u < U; u++) {
      const quad = weights + ((<usize>(u * columns + from + column)) << 6)
      for (let r = 0; r < 16; r++) {
        for (let k = 0; k < width; k++, out += 4) {
          store<f32>(out, load<f32>(quad + ((<usize>((k << 4) + r)) << 2)))
        }
      }
    }
  }
}
