/** The vector arithmetic that all kernels share: four float32 lanes at a time. */

/**
 * a·b + c. Compiled with relaxed SIMD it is one fused instruction with one rounding wherever the
 * hardware has one; the binding probes at start that this is so, because the standard allows either.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x)
}

/**
 * tanh's constants in memory: beyond ±8 it is 1 to float32's precision; then P and Q from the highest
 * power down, by tanh-fit.py; then ½. V8 builds a vector constant anew at every use, in several
 * instructions; a broadcast load is one. From 16 on whole vectors: slopes and offsets of gates g, o.
 */
const TABLE: usize = memory.data<f32>(
  [
    8.0, -8.0,
    1.5061718983133687e-8, 2.1773181288153864e-5, 0.003564152168110013, 0.13438187539577484,
    0.9999999403953552,
    8.453624786852743e-7, 3.3991728560067713e-4, 0.026135999709367752, 0.4677150845527649, 1.0,
    0.5, 0, 0, 0,
    1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5,
    0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5,
  ],
  16,
)

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(TABLE + (index << 2))
}

// @ts-ignore: decorator
@inline
export function one4(): v128 {
  return constant(11)
}

// @ts-ignore: decorator
@inline
export function half4(): v128 {
  return constant(12)
}

/** Four neighbours of the table. */
// @ts-ignore: decorator
@inline
export function constants4(index: usize): v128 {
  return v128.load(TABLE + (index << 2))
}

/**
 * tanh by a rational function in x². Error below 4e-7. The pseudo-minimum is one instruction where
 * the minimum, which must order NaN and the zeros, is seven; in this order it keeps NaN.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(x, constant(0)), constant(1))
  const s = f32x4.mul(y, y)
  let p = madd(s, constant(2), constant(3))
  p = madd(s, p, constant(4))
  p = madd(s, p, constant(5))
  p = madd(s, p, constant(6))
  let q = madd(s, constant(7), constant(8))
  q = madd(s, q, constant(9))
  q = madd(s, q, constant(10))
  q = madd(s, q, one4())
  return f32x4.div(f32x4.mul(y, p), q)
}

/** scale · tanh(steepness · x) + offset: with ½, ½, ½ it is σ(x), with 1, 1, 0 tanh(x). */
// @ts-ignore: decorator
@inline
export function activate4(x: v128, steepness: v128, scale: v128, offset: v128): v128 {
  return madd(tanh4(f32x4.mul(x, steepness)), scale, offset)
}

/** The four lanes added as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** [a0 b0 a1 b1] */
// @ts-ignore: decorator
@inline
export function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
}

/** [a2 b2 a3 b3] */
// @ts-ignore: decorator
@inline
export function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
}
