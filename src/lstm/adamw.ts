/** AdamW and gradient clipping on flat vectors, as PyTorch computes them. */
import { pow } from '../numerics/elementary.ts'
import type { AdamwStep } from './engine.ts'

/** PyTorch's defaults but for the learning rate and the weight decay. */
export const DEFAULT_ADAMW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/** Added to the norm before dividing by it, as `clip_grad_norm_` does. */
const CLIP_EPSILON = 1e-6

/** Weights, their gradients and the optimiser's two moments, all of one length. */
export interface AdamwVectors {
  readonly parameters: Float64Array
  readonly gradients: Float64Array
  readonly firstMoment: Float64Array
  readonly secondMoment: Float64Array
}

export function createAdamwVectors(length: number): AdamwVectors {
  return {
    parameters: new Float64Array(length),
    gradients: new Float64Array(length),
    firstMoment: new Float64Array(length),
    secondMoment: new Float64Array(length),
  }
}

/**
 * One step of AdamW, in place.
 *
 * The weights first shrink by `learningRate · weightDecay`, biases included, and independently of the
 * gradient (that is what decoupled means); the moments are corrected for their start at zero.
 *
 * @param steps Steps taken, this one included.
 *
 * Source: Loshchilov & Hutter 2019; Kingma & Ba 2015.
 */
export function adamwStep(vectors: AdamwVectors, step: AdamwStep, steps: number): void {
  const { parameters, gradients, firstMoment, secondMoment } = vectors
  const { beta1, beta2, epsilon, gradientScale } = step
  const shrink = 1 - step.learningRate * step.weightDecay
  const stepSize = step.learningRate / (1 - pow(beta1, steps))
  const rootCorrection = Math.sqrt(1 - pow(beta2, steps))
  for (let i = 0; i < parameters.length; i++) {
    const gradient = (gradients[i] as number) * gradientScale
    const mean = beta1 * (firstMoment[i] as number) + (1 - beta1) * gradient
    const square = beta2 * (secondMoment[i] as number) + (1 - beta2) * gradient * gradient
    firstMoment[i] = mean
    secondMoment[i] = square
    const root = Math.sqrt(square) / rootCorrection + epsilon
    parameters[i] = shrink * (parameters[i] as number) - stepSize * (mean / root)
  }
}

/** Euclidean norm, summed in order. */
export function vectorNorm(vector: Float64Array): number {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) * (vector[i] as number)
  return Math.sqrt(sum)
}

/** The factor that brings a gradient of this norm to at most `clipNorm`. */
export function clipFactor(norm: number, clipNorm: number): number {
  return Math.min(1, clipNorm / (norm + CLIP_EPSILON))
}
