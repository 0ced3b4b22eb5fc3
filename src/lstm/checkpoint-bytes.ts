/**
 * A checkpoint as bytes: `TFCKPT1\n`, the header's length (uint32), the header (JSON), the vectors one
 * after the other, and the SHA-256 of all that. Little-endian on every machine.
 */
import { createHash } from 'node:crypto'
import { TickerflowError } from '../errors.ts'
import type { TrainingCheckpoint } from './checkpoint.ts'

const MAGIC = 'TFCKPT1\n'
const HEADER_AT = MAGIC.length + 4
const DIGEST_BYTES = 32

/** The vectors in the order that they are stored in. */
const VECTORS = ['parameters', 'firstMoment', 'secondMoment', 'best'] as const

type Lengths = Readonly<Record<(typeof VECTORS)[number] | 'order', number>>

/** The checkpoint as bytes that `decodeCheckpoint` reads; the same checkpoint gives the same bytes. */
export function encodeCheckpoint(checkpoint: TrainingCheckpoint): Uint8Array<ArrayBuffer> {
  const { network, best, order, ...rest } = checkpoint
  const { parameters, firstMoment, secondMoment, steps } = network
  const vectors = { parameters, firstMoment, secondMoment, best: best.weights }
  const lengths: Lengths = {
    parameters: parameters.length,
    firstMoment: firstMoment.length,
    secondMoment: secondMoment.length,
    best: best.weights.length,
    order: order.length,
  }
  const { epoch, validationLoss } = best
  const content = { ...rest, steps, best: { epoch, validationLoss }, lengths }
  const header = Buffer.from(JSON.stringify(content, infinityAsText))
  const bytes = new Uint8Array(HEADER_AT + header.length + bodyBytes(lengths) + DIGEST_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(MAGIC))
  view.setUint32(MAGIC.length, header.length, true)
  bytes.set(header, HEADER_AT)
  let at = HEADER_AT + header.length
  for (const name of VECTORS) {
    for (const value of vectors[name]) {
      view.setFloat64(at, value, true)
      at += 8
    }
  }
  for (const window of order) {
    view.setInt32(at, window, true)
    at += 4
  }
  bytes.set(sha256(bytes.subarray(0, at)), at)
  return bytes
}

/** @throws {TickerflowError} MODEL_DAMAGED when the bytes are foreign, cut off or altered. */
export function decodeCheckpoint(bytes: Uint8Array): TrainingCheckpoint {
  const magic = Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1')
  if (magic !== MAGIC) throw damaged(`it begins with ${JSON.stringify(magic)}, not 'TFCKPT1'`)
  const end = bytes.length - DIGEST_BYTES
  if (end < HEADER_AT) throw damaged(`it ends after ${bytes.length} bytes`)
  const received = Buffer.from(bytes.subarray(end)).toString('hex')
  const expected = sha256(bytes.subarray(0, end)).toString('hex')
  if (received !== expected) {
    throw damaged(`the digest of its bytes is ${expected}, expected ${received}`)
  }
  return readContent(new DataView(bytes.buffer, bytes.byteOffset, end))
}

/** Only reads what carries the right digest, and so was written by `encodeCheckpoint`. */
function readContent(view: DataView): TrainingCheckpoint {
  const headerBytes = view.getUint32(MAGIC.length, true)
  const header = Buffer.from(view.buffer, view.byteOffset + HEADER_AT, headerBytes).toString()
  const { steps, lengths, best, ...rest } = JSON.parse(header, textAsInfinity)
  let at = HEADER_AT + headerBytes
  const vectors = VECTORS.map((name) => {
    const from = at
    at += 8 * (lengths as Lengths)[name]
    return Float64Array.from({ length: lengths[name] }, (_, i) =>
      view.getFloat64(from + 8 * i, true),
    )
  })
  const [parameters, firstMoment, secondMoment, weights] = vectors
  const order = Int32Array.from({ length: lengths.order }, (_, i) =>
    view.getInt32(at + 4 * i, true),
  )
  return {
    ...rest,
    network: { parameters, firstMoment, secondMoment, steps },
    best: { ...best, weights },
    order,
  }
}

function bodyBytes({ order, ...vectors }: Lengths): number {
  return Object.values(vectors).reduce((sum, length) => sum + 8 * length, 4 * order)
}

/** No clipping is a norm of Infinity, which JSON does not have. */
function infinityAsText(_: string, value: unknown): unknown {
  return value === Infinity ? 'Infinity' : value
}

function textAsInfinity(_: string, value: unknown): unknown {
  return value === 'Infinity' ? Infinity : value
}

function damaged(reason: string): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `A training checkpoint cannot be read: ${reason}. Restore it from a good copy, or train from ` +
      'the beginning',
  )
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
