/** The dense head on the top layer's last output; letters and layouts as in forward.ts. */
import { madd, splat, sumLanes } from './simd'

/** Raw outputs [B][K] from the last output (quads), weights [K][H] and bias [K]. */
export function forwardHead(
  windows: i32,
  B: i32,
  H: i32,
  K: i32,
  weight: usize,
  bias: usize,
  hidden: usize,
  outputs: usize,
): void {
  const U = H >> 2
  for (let b = 0; b < windows; b++) {
    for (let k = 0; k < K; k++) {
      const w = weight + ((<usize>(k * H)) << 2)
      let sum = splat(0)
      for (let u = 0; u < U; u++) {
        const h = v128.load(hidden + ((<usize>(u * B + b)) << 4))
        sum = madd(v128.load(w + ((<usize>u) << 4)), h, sum)
      }
      const raw = load<f32>(bias + ((<usize>k) << 2)) + sumLanes(sum)
      store<f32>(outputs + ((<usize>(b * K + k)) << 2), raw)
    }
  }
}

/** Adds the head's gradients and sets the gradient by the last output, for all B windows. */
export function backwardHead(
  B: i32,
  H: i32,
  K: i32,
  weight: usize,
  hidden: usize,
  outputGradients: usize,
  weightGradient: usize,
  biasGradient: usize,
  hiddenGradient: usize,
): void {
  const U = H >> 2
  memory.fill(hiddenGradient, 0, (<usize>(B * H)) << 2)
  for (let k = 0; k < K; k++) {
    for (let u = 0; u < U; u++) {
      const at = (<usize>(k * H + 4 * u)) << 2
      const w = v128.load(weight + at)
      let sum = v128.load(weightGradient + at)
      for (let b = 0; b < B; b++) {
        const slope = v128.load32_splat(outputGradients + ((<usize>(b * K + k)) << 2))
        const state = (<usize>(u * B + b)) << 4
        sum = madd(slope, v128.load(hidden + state), sum)
        v128.store(hiddenGradient + state, madd(slope, w, v128.load(hiddenGradient + state)))
      }
      v128.store(weightGradient + at, sum)
    }
    let sum = load<f32>(biasGradient + ((<usize>k) << 2))
    for (let b = 0; b < B; b++) sum += load<f32>(outputGradients + ((<usize>(b * K + k)) << 2))
    store<f32>(biasGradient + ((<usize>k) << 2), sum)
  }
}
