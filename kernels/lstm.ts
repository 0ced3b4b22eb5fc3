/**
 * What the WebAssembly binary exports. `scripts/build-kernels.ts` makes two of it, plain SIMD and
 * relaxed SIMD; src/lstm/wasm-engine.ts lays out the memory and calls it.
 *
 * There is no bounds checking: every pointer and size comes from the binding, which has checked it.
 */
import { madd, splat, tanh4 } from './simd'

export { backwardLayer, transposeWeights } from './backward'
export { forwardLayer } from './forward'
export { backwardHead, forwardHead } from './head'
export { inferLayer } from './inference'
export { adamwStep, addVector, multiplyVector, sumOfSquares, sumVectors } from './optimiser'
export { addWeightGradients } from './weight-gradients'
export { dropInput, gatherWindows } from './windows'

/** a·b + c as the kernels compute it, to see whether it rounds once or twice. */
export function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(splat(a), splat(b), splat(c)), 0)
}

/** tanh as the kernels compute it, for tests. */
export function hyperbolicTangent(x: f32): f32 {
  return f32x4.extract_lane(tanh4(splat(x)), 0)
}
