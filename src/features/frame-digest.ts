/** One digest for one table of features: every bit of it counts, the order of its columns does not. */
import { createHash } from 'node:crypto'
import type { FeatureFrame } from './feature-frame.ts'

/** SHA-256 (hex) of symbol, dates, closes and columns; the same on machines of either byte order. */
export function frameDigest({ symbol, date, close, columns }: FeatureFrame): string {
  const hash = createHash('sha256').update(`${symbol} ${date.length}\n`)
  hash.update(bytesOf(Float64Array.from(date))).update(bytesOf(close))
  for (const name of [...columns.keys()].sort()) {
    hash.update(`${name}\n`).update(bytesOf(columns.get(name) ?? new Float64Array()))
  }
  return hash.digest('hex')
}

function bytesOf(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8))
  for (const [index, value] of values.entries()) view.setFloat64(index * 8, value, true)
  return new Uint8Array(view.buffer)
}
