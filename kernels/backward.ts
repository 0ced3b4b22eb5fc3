/** Backpropagation through time of one layer; letters and layouts as in forward.ts. */
import { madd, one4, splat } from './simd'

/**
 * Turns the gates into their gradients, in place, from the last row of time to the first.
 *
 * @param wide           Tiles of 16 columns, as in forward.ts; the results are the same bits.
 * @param fromAbove      Whether every row of time has a gradient from above, or the last one alone:
 *                       then the others need not be set.
 * @param hiddenGradient Gradient by h from above [T], quads; the way back adds to it.
 * @param cellGradient   Working memory, quads of one row of time.
 * @param transposed     Recurrent weights as `transposeWeights` packs them.
 * @param transposedInput Input weights packed likewise; 0 when no input gradient is wanted.
 * @param tile           Working memory of 256 bytes.
 * @param inputGradient  Receives the gradient by the input [T], quads.
 * @param biasGradient   [U][16], added to.
 */
export function backwardLayer(
  wide: i32,
  fromAbove: bool,
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
  tile: usize,
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
    const before = hiddenGradient + at - stateBytes
    if (t > 0) multiplyByWeights(wide, fromAbove, B, H, H, transposed, gate, before, tile)
    const input = inputGradient + <usize>t * inputBytes
    if (transposedInput) multiplyByWeights(wide, false, B, D, H, transposedInput, gate, input, tile)
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
  const one = one4()
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

/** Columns per tile: as many as are left, of 16 (wide), 8 or 4. */
// @ts-ignore: decorator
@inline
function tileWidth(wide: i32, left: i32): i32 {
  return wide && left >= 16 ? 16 : left >= 8 ? 8 : 4
}

/**
 * Sets `out` (quads of K columns) to gate gradients times weights, or adds them, in tiles of 4
 * windows. A tile is summed from zero and laid down row by row first: so neighbours in memory are
 * neighbours in the tile.
 */
function multiplyByWeights(
  wide: i32,
  add: bool,
  B: i32,
  K: i32,
  H: i32,
  transposed: usize,
  gates: usize,
  out: usize,
  tile: usize,
): void {
  const columnBytes = (<usize>B) << 4
  const quadBytes = (<usize>B) << 6
  let packed = transposed
  for (let column = 0; column < K; ) {
    const width = tileWidth(wide, K - column)
    const at = out + (<usize>(column >> 2)) * columnBytes
    for (let b = 0; b < B; b += 4) {
      const gate = gates + ((<usize>b) << 6)
      if (width == 16) sumSixteen(H >> 2, quadBytes, packed, gate, tile)
      else if (width == 8) sumEight(H >> 2, quadBytes, packed, gate, tile)
      else sumFour(H >> 2, quadBytes, packed, gate, tile)
      if (add) addTile(width, tile, at + ((<usize>b) << 4), columnBytes)
      else setTile(width, tile, at + ((<usize>b) << 4), columnBytes)
    }
    packed += (<usize>(H * width)) << 4
    column += width
  }
}

/** Adds a tile [4][width] to the quads of four windows. */
// @ts-ignore: decorator
@inline
function addTile(width: i32, tile: usize, out: usize, columnBytes: usize): void {
  const rowBytes = (<usize>width) << 2
  let at = out
  for (let from = tile, end = tile + rowBytes; from < end; from += 16, at += columnBytes) {
    v128.store(at, f32x4.add(v128.load(at), v128.load(from)))
    v128.store(at, f32x4.add(v128.load(at, 16), v128.load(from + rowBytes)), 16)
    v128.store(at, f32x4.add(v128.load(at, 32), v128.load(from + 2 * rowBytes)), 32)
    v128.store(at, f32x4.add(v128.load(at, 48), v128.load(from + 3 * rowBytes)), 48)
  }
}

/** Sets the quads of four windows to a tile [4][width]. */
// @ts-ignore: decorator
@inline
function setTile(width: i32, tile: usize, out: usize, columnBytes: usize): void {
  const rowBytes = (<usize>width) << 2
  let at = out
  for (let from = tile, end = tile + rowBytes; from < end; from += 16, at += columnBytes) {
    v128.store(at, v128.load(from))
    v128.store(at, v128.load(from + rowBytes), 16)
    v128.store(at, v128.load(from + 2 * rowBytes), 32)
    v128.store(at, v128.load(from + 3 * rowBytes), 48)
  }
}

// @ts-ignore: decorator
@inline
function sumSixteen(U: i32, quadBytes: usize, packed: usize, gates: usize, tile: usize): void {
  let a0 = splat(0)
  let b0 = splat(0)
  let c0 = splat(0)
  let d0 = splat(0)
  let a1 = splat(0)
  let b1 = splat(0)
  let c1 = splat(0)
  let d1 = splat(0)
  let a2 = splat(0)
  let b2 = splat(0)
  let c2 = splat(0)
  let d2 = splat(0)
  let a3 = splat(0)
  let b3 = splat(0)
  let c3 = splat(0)
  let d3 = splat(0)
  let w = packed
  for (let u = 0; u < U; u++) {
    let z = gates + <usize>u * quadBytes
    for (const end = z + 64; z < end; z += 4, w += 64) {
      const wa = v128.load(w)
      const wb = v128.load(w, 16)
      const wc = v128.load(w, 32)
      const wd = v128.load(w, 48)
      const z0 = v128.load32_splat(z)
      a0 = madd(z0, wa, a0)
      b0 = madd(z0, wb, b0)
      c0 = madd(z0, wc, c0)
      d0 = madd(z0, wd, d0)
      const z1 = v128.load32_splat(z, 64)
      a1 = madd(z1, wa, a1)
      b1 = madd(z1, wb, b1)
      c1 = madd(z1, wc, c1)
      d1 = madd(z1, wd, d1)
      const z2 = v128.load32_splat(z, 128)
      a2 = madd(z2, wa, a2)
      b2 = madd(z2, wb, b2)
      c2 = madd(z2, wc, c2)
      d2 = madd(z2, wd, d2)
      const z3 = v128.load32_splat(z, 192)
      a3 = madd(z3, wa, a3)
      b3 = madd(z3, wb, b3)
      c3 = madd(z3, wc, c3)
      d3 = madd(z3, wd, d3)
    }
  }
  v128.store(tile, a0)
  v128.store(tile, b0, 16)
  v128.store(tile, c0, 32)
  v128.store(tile, d0, 48)
  v128.store(tile, a1, 64)
  v128.store(tile, b1, 80)
  v128.store(tile, c1, 96)
  v128.store(tile, d1, 112)
  v128.store(tile, a2, 128)
  v128.store(tile, b2, 144)
  v128.store(tile, c2, 160)
  v128.store(tile, d2, 176)
  v128.store(tile, a3, 192)
  v128.store(tile, b3, 208)
  v128.store(tile, c3, 224)
  v128.store(tile, d3, 240)
}

// @ts-ignore: decorator
@inline
function sumEight(U: i32, quadBytes: usize, packed: usize, gates: usize, tile: usize): void {
  let a0 = splat(0)
  let b0 = splat(0)
  let a1 = splat(0)
  let b1 = splat(0)
  let a2 = splat(0)
  let b2 = splat(0)
  let a3 = splat(0)
  let b3 = splat(0)
  let w = packed
  for (let u = 0; u < U; u++) {
    let z = gates + <usize>u * quadBytes
    for (const end = z + 64; z < end; z += 4, w += 32) {
      const wa = v128.load(w)
      const wb = v128.load(w, 16)
      const z0 = v128.load32_splat(z)
      a0 = madd(z0, wa, a0)
      b0 = madd(z0, wb, b0)
      const z1 = v128.load32_splat(z, 64)
      a1 = madd(z1, wa, a1)
      b1 = madd(z1, wb, b1)
      const z2 = v128.load32_splat(z, 128)
      a2 = madd(z2, wa, a2)
      b2 = madd(z2, wb, b2)
      const z3 = v128.load32_splat(z, 192)
      a3 = madd(z3, wa, a3)
      b3 = madd(z3, wb, b3)
    }
  }
  v128.store(tile, a0)
  v128.store(tile, b0, 16)
  v128.store(tile, a1, 32)
  v128.store(tile, b1, 48)
  v128.store(tile, a2, 64)
  v128.store(tile, b2, 80)
  v128.store(tile, a3, 96)
  v128.store(tile, b3, 112)
}

// @ts-ignore: decorator
@inline
function sumFour(U: i32, quadBytes: usize, packed: usize, gates: usize, tile: usize): void {
  let a0 = splat(0)
  let a1 = splat(0)
  let a2 = splat(0)
  let a3 = splat(0)
  let w = packed
  for (let u = 0; u < U; u++) {
    let z = gates + <usize>u * quadBytes
    for (const end = z + 64; z < end; z += 4, w += 16) {
      const wa = v128.load(w)
      const z0 = v128.load32_splat(z)
      a0 = madd(z0, wa, a0)
      const z1 = v128.load32_splat(z, 64)
      a1 = madd(z1, wa, a1)
      const z2 = v128.load32_splat(z, 128)
      a2 = madd(z2, wa, a2)
      const z3 = v128.load32_splat(z, 192)
      a3 = madd(z3, wa, a3)
    }
  }
  v128.store(tile, a0)
  v128.store(tile, a1, 16)
  v128.store(tile, a2, 32)
  v128.store(tile, a3, 48)
}

/**
 * Packs K columns of the weights, from column `from` of the D + H, so that `multiplyByWeights` reads
 * them in order: tile after tile, [4H][width] each.
 */
export function transposeWeights(
  wide: i32,
  columns: i32,
  from: i32,
  K: i32,
  H: i32,
  weights: usize,
  transposed: usize,
): void {
  const U = H >> 2
  let out = transposed
  for (let column = 0; column < K; ) {
    const width = tileWidth(wide, K - column)
    for (let u = 0; u < U; u++) {
      const quad = weights + ((<usize>(u * columns + from + column)) << 6)
      for (let r = 0; r < 16; r++) {
        for (let k = 0; k < width; k++, out += 4) {
          store<f32>(out, load<f32>(quad + ((<usize>((k << 4) + r)) << 2)))
        }
      }
    }
    column += width
  }
}
