/**
 * The safetensors container: named tensors as raw little-endian bytes behind a JSON header. Nothing
 * in it can run, which is why weights are exchanged in it. Float32 only.
 *
 * Source: https://huggingface.co/docs/safetensors (format); same bytes as its Python package.
 */
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../../errors.ts'

export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Row-major, as many as the shape says. */
  readonly values: Float32Array
}

const PREFIX_BYTES = 8
const ELEMENT_BYTES = 4
const METADATA = '__metadata__'

const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Entry = Type.Object({
  dtype: Type.Literal('F32'),
  shape: Type.Array(Size),
  /** First byte and the byte after the last, counted from the end of the header. */
  data_offsets: Type.Tuple([Size, Size]),
})
type Entry = Static<typeof Entry>

/**
 * The file's bytes: tensors in order of their names, the header padded so that values are aligned.
 *
 * @throws {RangeError} When a tensor has not as many values as its shape says.
 */
export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array<ArrayBuffer> {
  const ordered = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const header = new TextEncoder().encode(headerText(ordered))
  const dataAt = PREFIX_BYTES + header.length
  const elements = ordered.reduce((sum, { values }) => sum + values.length, 0)
  const bytes = new Uint8Array(dataAt + elements * ELEMENT_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, PREFIX_BYTES)
  let at = dataAt
  for (const { values } of ordered) {
    for (const value of values) {
      view.setFloat32(at, value, true)
      at += ELEMENT_BYTES
    }
  }
  return bytes
}

function headerText(tensors: readonly NamedTensor[]): string {
  let offset = 0
  const entries = tensors.map(({ name, shape, values }): [string, Entry] => {
    const begin = offset
    offset += values.length * ELEMENT_BYTES
    if (elementsOf(shape) !== values.length) {
      throw new RangeError(`'${name}' [${shape.join(', ')}] came with ${values.length} values`)
    }
    return [name, { dtype: 'F32', shape: [...shape], data_offsets: [begin, offset] }]
  })
  const text = JSON.stringify(Object.fromEntries(entries))
  return text.padEnd(Math.ceil(text.length / PREFIX_BYTES) * PREFIX_BYTES)
}

/**
 * The tensors of a file by name. Every byte must belong to exactly one tensor.
 *
 * @throws {TickerflowError} MODEL_DAMAGED; says what is wrong at which byte or tensor.
 */
export function decodeSafetensors(bytes: Uint8Array): Map<string, NamedTensor> {
  const dataAt = PREFIX_BYTES + headerLength(bytes)
  const entries = parseHeader(bytes.subarray(PREFIX_BYTES, dataAt))
  assertCovered(entries, bytes.length - dataAt)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return new Map(
    entries.map(([name, { shape, data_offsets }]) => {
      const values = new Float32Array(elementsOf(shape))
      const first = dataAt + data_offsets[0]
      for (let i = 0; i < values.length; i++) {
        values[i] = view.getFloat32(first + i * ELEMENT_BYTES, true)
      }
      return [name, { name, shape, values }]
    }),
  )
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < PREFIX_BYTES) {
    throw damaged(`it ends after ${bytes.length} bytes, before the length of its header`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getBigUint64(0, true)
  const room = bytes.length - PREFIX_BYTES
  if (length <= BigInt(room)) return Number(length)
  throw damaged(
    `its header should have ${length} bytes from byte ${PREFIX_BYTES}, there are ${room}`,
  )
}

/** Entries in order of their bytes. */
function parseHeader(header: Uint8Array): [string, Entry][] {
  const parsed = parseJson(header)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw damaged('its header is not a JSON object')
  }
  const entries = Object.entries(parsed).filter(([name]) => name !== METADATA)
  for (const [name, entry] of entries) {
    if (Value.Check(Entry, entry)) continue
    const [first] = Value.Errors(Entry, entry)
    const where = `${name}${first?.instancePath ?? ''}`
    throw damaged(`its header is wrong at '${where}': ${first?.message}; tensors must be F32`)
  }
  return entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])
}

function parseJson(header: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))
  } catch (cause) {
    throw damaged(`the ${header.length} bytes of its header are not JSON`, cause)
  }
}

/** No gap, no overlap, no byte left over, and every tensor as long as its shape says. */
function assertCovered(entries: readonly [string, Entry][], dataBytes: number): void {
  let expected = 0
  for (const [name, { shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets
    if (begin !== expected) {
      throw damaged(`tensor '${name}' begins at data byte ${begin}, expected ${expected}`)
    }
    const size = elementsOf(shape) * ELEMENT_BYTES
    if (end - begin !== size) {
      throw damaged(
        `tensor '${name}' [${shape.join(', ')}] has ${end - begin} bytes, expected ${size}`,
      )
    }
    expected = end
  }
  if (expected !== dataBytes) {
    throw damaged(`it has ${dataBytes} bytes of tensors, its header describes ${expected}`)
  }
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

function damaged(reason: string, cause?: unknown): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `A safetensors file cannot be read: ${reason}. Restore it from a good copy, or train again.`,
    { cause },
  )
}
