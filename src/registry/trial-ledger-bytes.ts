/** Columns of the trial ledger as little-endian bytes, so that the file reads alike everywhere. */
import type { SQLOutputValue } from 'node:sqlite'
import { TickerflowError } from '../errors.ts'

export function bytesOf(column: Int32Array | Float32Array | Float64Array): Uint8Array {
  const size = column.BYTES_PER_ELEMENT
  const bytes = new Uint8Array(column.length * size)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of column.entries()) {
    if (column instanceof Int32Array) view.setInt32(i * size, value, true)
    else if (column instanceof Float32Array) view.setFloat32(i * size, value, true)
    else view.setFloat64(i * size, value, true)
  }
  return bytes
}

export function daysFrom(cell: SQLOutputValue | undefined): Int32Array {
  const view = viewOf(cell)
  return Int32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getInt32(4 * i, true))
}

/** Stored with 24 bits, read as doubles. */
export function floatsFrom(cell: SQLOutputValue | undefined): Float64Array {
  const view = viewOf(cell)
  return Float64Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

function viewOf(cell: SQLOutputValue | undefined): DataView {
  if (cell instanceof Uint8Array && cell.byteLength % 4 === 0) {
    return new DataView(cell.buffer, cell.byteOffset, cell.byteLength)
  }
  throw new TickerflowError(
    'STORE_DAMAGED',
    'A column of the trial ledger is not a row of 4-byte numbers; the database was written by something else or is damaged.',
    { details: { table: 'trials' } },
  )
}
