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
 * Beyond this tanh is 1 to float32's precision; the fit is only good up to here.
 */
const TANH_LIMIT: f32 = 8.0

/**
 * tanh by a rational function in x²; coefficients from tanh-fit.py. Error below 4e-7.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const y = f32x4.max(f32x4.min(x, splat(TANH_LIMIT)), splat(-TANH_LIMIT))
  const s = f32x4.mul(y, y)
  let p = madd(s, splat(1.5061718983133687e-8), splat(2.1773181288153864e-5))
  p = madd(s, p, splat(0.003564152168110013))
  p = madd(s, p, splat(0.13438187539577484))
  p = madd(s, p, splat(0.9999999403953552))
  let q = madd(s, splat(8.453624786852743e-7), splat(3.3991728560067713e-4))
  q = madd(s, q, splat(0.026135999709367752))
  q = madd(s, q, splat(0.4677150845527649))
  q = madd(s, q, splat(1.0))
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
