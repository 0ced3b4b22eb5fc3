/**
 * Inter-layer dropout from a counter-based generator: whether an element is dropped depends on its
 * place alone (step, layer, window of the batch, row of time, unit), never on what was drawn before,
 * so that every engine, micro-batch and thread drops the same elements.
 */
import { type PhiloxKey, philox4x32Into, type Random } from '../numerics/random.ts'

/** Which elements to drop; the training loop moves `step` and `firstWindow`. */
export interface DropoutStream {
  /** Share dropped, in [0, 1); what is kept is scaled by 1 / (1 - rate). */
  readonly rate: number
  readonly key: PhiloxKey
  /** Optimiser steps taken before this one. */
  step: number
  /** Position in the batch of the micro-batch's first window. */
  firstWindow: number
}

const WORD_RANGE = 4294967296

/** The place of four elements, then their four words. */
const block = new Uint32Array(4)

/** @throws {RangeError} When the rate is not in [0, 1). */
export function createDropoutStream(rate: number, random: Random): DropoutStream {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`Dropout must lie in [0, 1), not ${rate}`)
  const key: PhiloxKey = [random.integer(WORD_RANGE), random.integer(WORD_RANGE)]
  return { rate, key, step: 0, firstWindow: 0 }
}

/** Words below this mean dropped. */
export function dropoutThreshold(rate: number): number {
  return Math.floor(rate * WORD_RANGE)
}

/** Sizes of the activations [rows, batch, width] that enter `layer`. */
export interface DropoutSizes {
  readonly layer: number
  readonly rows: number
  readonly batch: number
  readonly width: number
}

/** Multiplies each element of `values` [T, B, width] by 0 or by 1 / (1 - rate), in place; allocates nothing. */
export function applyDropout(
  values: Float64Array,
  stream: DropoutStream,
  { layer, rows, batch, width }: DropoutSizes,
): void {
  const threshold = dropoutThreshold(stream.rate)
  const scale = 1 / (1 - stream.rate)
  for (let t = 0; t < rows; t++) {
    for (let b = 0; b < batch; b++) {
      const at = (t * batch + b) * width
      const window = stream.firstWindow + b
      for (let unit = 0; unit < width; unit += 4) {
        block[0] = (layer << 24) | (unit >>> 2)
        block[1] = t
        block[2] = window
        block[3] = stream.step
        philox4x32Into(block, block, stream.key)
        const end = Math.min(4, width - unit)
        for (let lane = 0; lane < end; lane++) {
          const keep = (block[lane] as number) >= threshold ? scale : 0
          values[at + unit + lane] = (values[at + unit + lane] as number) * keep
        }
      }
    }
  }
}
