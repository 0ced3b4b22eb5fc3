/** Trailing windows over a column, each summed afresh from oldest to newest. */
import { newColumn } from './new-column.ts'

/** Sum of rows t − sessions + 1 … t [n]; NaN while any of them is missing. */
export function rollingSum(column: Float64Array, sessions: number): Float64Array {
  const out = newColumn(column.length).fill(Number.NaN)
  for (let t = sessions - 1; t < out.length; t++) {
    let total = 0
    for (let k = t - sessions + 1; k <= t; k++) total += column[k] as number
    out[t] = total
  }
  return out
}

/** Mean of rows t − sessions + 1 … t [n]. */
export function rollingMean(column: Float64Array, sessions: number): Float64Array {
  const out = rollingSum(column, sessions)
  for (let t = 0; t < out.length; t++) out[t] = (out[t] as number) / sessions
  return out
}

/** Σ weights[k] · column[t − k] [n]. */
export function weightedTrail(column: Float64Array, weights: Float64Array): Float64Array {
  const out = newColumn(column.length).fill(Number.NaN)
  for (let t = weights.length - 1; t < out.length; t++) {
    let total = 0
    for (let k = 0; k < weights.length; k++) {
      total += (weights[k] as number) * (column[t - k] as number)
    }
    out[t] = total
  }
  return out
}
