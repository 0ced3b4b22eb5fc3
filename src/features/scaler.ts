/** Standardisation of feature columns, fitted on training rows and applied to all. */
import { type FeatureFrame, frameColumn } from './feature-frame.ts'

/** Half-open range of frame rows. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

export interface Scaler {
  readonly names: readonly string[]
  /** Mean of each named column [F]. */
  readonly mean: readonly number[]
  /** Population standard deviation of each named column [F]; 1 for a constant column. */
  readonly deviation: readonly number[]
}

export interface FrameRows {
  readonly frame: FeatureFrame
  readonly rows: RowRange
}

/**
 * Mean and deviation of the named columns over the given rows, and only those: pass the training
 * span, never the test span. Rows with a missing value in a column are left out of that column.
 */
export function fitScaler(samples: readonly FrameRows[], names: readonly string[]): Scaler {
  const moments = names.map((name) => momentsOf(samples, name))
  return {
    names,
    mean: moments.map((moment) => moment.mean),
    deviation: moments.map((moment) => moment.deviation),
  }
}

function momentsOf(samples: readonly FrameRows[], name: string) {
  const mean = averageOver(samples, name, (value) => value)
  const variance = averageOver(samples, name, (value) => (value - mean) * (value - mean))
  const deviation = Math.sqrt(variance)
  return { mean, deviation: deviation > 1e-12 ? deviation : 1 }
}

function averageOver(
  samples: readonly FrameRows[],
  name: string,
  transform: (value: number) => number,
): number {
  let total = 0
  let count = 0
  for (const { frame, rows } of samples) {
    const column = frameColumn(frame, name)
    for (let t = rows.from; t < rows.to; t++) {
      const value = column[t] as number
      if (!Number.isFinite(value)) continue
      total += transform(value)
      count++
    }
  }
  return count === 0 ? 0 : total / count
}

/**
 * The named columns, standardised, as one row-major matrix [rows, F]; a window of T rows that ends
 * at row t is its `subarray((t − T + 1) · F, (t + 1) · F)`, without copying.
 *
 * Missing values stay NaN: see `completeWindows`.
 *
 * @param rows Rows of the frame; by default all.
 */
export function standardise(
  frame: FeatureFrame,
  scaler: Scaler,
  rows: RowRange = { from: 0, to: frame.date.length },
): Float32Array {
  const width = scaler.names.length
  const matrix = new Float32Array((rows.to - rows.from) * width)
  scaler.names.forEach((name, f) => {
    const column = frameColumn(frame, name)
    const mean = scaler.mean[f] as number
    const deviation = scaler.deviation[f] as number
    for (let row = rows.from; row < rows.to; row++) {
      matrix[(row - rows.from) * width + f] = ((column[row] as number) - mean) / deviation
    }
  })
  return matrix
}
