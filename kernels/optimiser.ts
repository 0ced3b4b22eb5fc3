/** AdamW and what it needs, on flat vectors of n float32 (n a multiple of 4). */
import { madd, splat } from './simd'

/** a[i] += b[i] */
export function addVector(n: i32, a: usize, b: usize): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    v128.store(a + at, f32x4.add(v128.load(a + at), v128.load(b + at)))
  }
}

/** a[i] *= b[i] */
export function multiplyVector(n: i32, a: usize, b: usize): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    v128.store(a + at, f32x4.mul(v128.load(a + at), v128.load(b + at)))
  }
}

/** out[i] = a[i] + b[i] */
export function sumVectors(n: i32, out: usize, a: usize, b: usize): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(a + at), v128.load(b + at)))
  }
}

/** Sum of squares, in float64: four sums of every fourth element, then (0 + 1) + (2 + 3). */
export function sumOfSquares(n: i32, a: usize): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let at = a, end = a + ((<usize>n) << 2); at < end; at += 16) {
    const x = v128.load(at)
    const l = f64x2.promote_low_f32x4(x)
    const h = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3))
    low = f64x2.add(low, f64x2.mul(l, l))
    high = f64x2.add(high, f64x2.mul(h, h))
  }
  return (
    f64x2.extract_lane(low, 0) +
    f64x2.extract_lane(low, 1) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  )
}

/**
 * One step of AdamW, as src/lstm/adamw.ts: `shrink` is 1 - rate · decay, `stepSize` the rate divided
 * by the first moment's correction, `rootScale` 1 / √ of the second moment's.
 */
export function adamwStep(
  n: i32,
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  gradientScale: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  shrink: f32,
  stepSize: f32,
  rootScale: f32,
  epsilon: f32,
): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    const g = f32x4.mul(v128.load(gradients + at), splat(gradientScale))
    const m = madd(v128.load(firstMoment + at), splat(beta1), f32x4.mul(g, splat(rest1)))
    const v = madd(v128.load(secondMoment + at), splat(beta2), f32x4.mul(f32x4.mul(g, g), splat(rest2)))
    v128.store(firstMoment + at, m)
    v128.store(secondMoment + at, v)
    const root = madd(f32x4.sqrt(v), splat(rootScale), splat(epsilon))
    const move = f32x4.mul(splat(stepSize), f32x4.div(m, root))
    v128.store(parameters + at, f32x4.sub(f32x4.mul(v128.load(parameters + at), splat(shrink)), move))
  }
}
