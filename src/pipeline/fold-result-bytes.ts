/** A fold's result as bytes that say whether they are whole. */
import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { FoldResult } from '../evaluation/fold-task.ts'

const DIGEST_BYTES = 32

/** The digest of the bytes that follow, and those. */
export function encodeFoldResult(result: FoldResult): Uint8Array {
  const content = serialize(result)
  return Buffer.concat([sha256(content), content])
}

/** `undefined` for bytes that are damaged. */
export function readFoldResult(bytes: Uint8Array): FoldResult | undefined {
  if (bytes.length <= DIGEST_BYTES) return undefined
  const content = bytes.subarray(DIGEST_BYTES)
  if (!sha256(content).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined
  return deserialize(content) as FoldResult
}

/** @throws {RangeError} On damaged bytes. */
export function decodeFoldResult(bytes: Uint8Array): FoldResult {
  const result = readFoldResult(bytes)
  if (result === undefined) throw new RangeError('The bytes of a fold are damaged')
  return result
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
