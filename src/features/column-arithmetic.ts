/**
 * Arithmetic on whole columns [n], row by row in a plain loop: one function per operation, because a
 * callback per row costs ten times the arithmetic.
 */
import { newColumn } from './new-column.ts'

/** a / b [n]. */
export function quotient(a: Float64Array, b: Float64Array): Float64Array {
  const out = newColumn(a.length)
  for (let t = 0; t < out.length; t++) out[t] = (a[t] as number) / (b[t] as number)
  return out
}

/** a − b [n]. */
export function difference(a: Float64Array, b: Float64Array): Float64Array {
  const out = newColumn(a.length)
  for (let t = 0; t < out.length; t++) out[t] = (a[t] as number) - (b[t] as number)
  return out
}

/** factor · a [n]. */
export function multiple(a: Float64Array, factor: number): Float64Array {
  const out = newColumn(a.length)
  for (let t = 0; t < out.length; t++) out[t] = (a[t] as number) * factor
  return out
}

/** |a| [n]. */
export function magnitude(a: Float64Array): Float64Array {
  const out = newColumn(a.length)
  for (let t = 0; t < out.length; t++) out[t] = Math.abs(a[t] as number)
  return out
}

/** The column with every value cut to the interval [n], in `out`; NaN stays NaN. */
export function cut(
  a: Float64Array,
  [lowest, highest]: readonly [number, number],
  out: Float64Array = newColumn(a.length),
): Float64Array {
  for (let t = 0; t < out.length; t++) {
    let value = a[t] as number
    // Math.min and Math.max, which must order NaN and the zeros, take ten times as long.
    if (value > highest) value = highest
    if (value < lowest) value = lowest
    out[t] = value
  }
  return out
}
