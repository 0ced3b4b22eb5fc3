/**
 * Writes protocol buffer messages: the three wire types that ONNX files need, in the order of the
 * calls. With fields in ascending order the bytes are those of Google's encoders.
 *
 * Source: https://protobuf.dev/programming-guides/encoding
 */

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

export interface MessageWriter {
  /** int64, int32 or an enum; repeated values one by one, as proto2 does. */
  integer(field: number, ...values: readonly number[]): MessageWriter
  float(field: number, ...values: readonly number[]): MessageWriter
  bytes(field: number, value: Uint8Array): MessageWriter
  /** UTF-8. */
  text(field: number, ...values: readonly string[]): MessageWriter
  messages(field: number, ...values: readonly MessageWriter[]): MessageWriter
  finish(): Uint8Array<ArrayBuffer>
}

export function createMessage(): MessageWriter {
  const chunks: Uint8Array[] = []
  const tag = (field: number, wireType: number) => chunks.push(varint((field << 3) | wireType))
  const writer: MessageWriter = {
    integer(field, ...values) {
      for (const value of values) {
        tag(field, VARINT)
        chunks.push(varint(value))
      }
      return writer
    },
    float(field, ...values) {
      for (const value of values) {
        tag(field, FIXED_32)
        const bytes = new Uint8Array(4)
        new DataView(bytes.buffer).setFloat32(0, value, true)
        chunks.push(bytes)
      }
      return writer
    },
    bytes(field, value) {
      tag(field, LENGTH_DELIMITED)
      chunks.push(varint(value.length), value)
      return writer
    },
    text(field, ...values) {
      for (const value of values) writer.bytes(field, new TextEncoder().encode(value))
      return writer
    },
    messages(field, ...values) {
      for (const value of values) writer.bytes(field, value.finish())
      return writer
    },
    finish: () => concatenate(chunks),
  }
  return writer
}

/** Seven bits a byte, lowest first; a negative integer as its 64-bit two's complement. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer`)
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}
