/** Room for columns. A request's frame has forty short ones, and room of their own costs 0.7 µs each. */

/** Columns up to this size lie side by side in one block: 512 rows. */
const LARGEST_SHARED_BYTES = 4_096
const BLOCK_BYTES = 65_536

let block = new ArrayBuffer(BLOCK_BYTES)
let used = 0

/**
 * A column of zeros [rows]. A short one is a part of a larger buffer: read its bytes through
 * `byteOffset` and `byteLength`, never its `buffer` alone. The block goes when the last of its
 * columns does.
 */
export function newColumn(rows: number): Float64Array<ArrayBuffer> {
  const bytes = rows * Float64Array.BYTES_PER_ELEMENT
  if (bytes > LARGEST_SHARED_BYTES) return new Float64Array(rows)
  if (used + bytes > BLOCK_BYTES) {
    block = new ArrayBuffer(BLOCK_BYTES)
    used = 0
  }
  const column = new Float64Array(block, used, rows)
  used += bytes
  return column
}
