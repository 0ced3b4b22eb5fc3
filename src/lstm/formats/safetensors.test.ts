import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'

const named = fc
  .tuple(fc.string({ minLength: 1 }), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }))
  .filter(([name]) => name !== '__metadata__' && name !== '__proto__')
  .chain(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1)
    const values = fc.float32Array({ minLength: length, maxLength: length, noNaN: true })
    return values.map((numbers) => ({ name, shape, values: numbers }))
  })
const tensorLists = fc.uniqueArray(named, { selector: ({ name }) => name, maxLength: 5 })

/** A file with any header and `dataBytes` zeros. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

const entry = (begin: number, end: number, more: object = {}) => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
})

describe('a safetensors file', () => {
  test('gives back any tensors to the bit', () => {
    fc.assert(
      fc.property(tensorLists, (tensors) => {
        const read = decodeSafetensors(encodeSafetensors(tensors))
        expect(read.size).toBe(tensors.length)
        for (const tensor of tensors) expect(read.get(tensor.name)).toEqual(tensor)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  test('has its values on a multiple of 8 bytes', () => {
    const file = encodeSafetensors([{ name: 'a', shape: [1], values: Float32Array.of(1) }])
    expect(new DataView(file.buffer).getUint8(0) % 8).toBe(0)
    expect(file.length % 8).toBe(4)
  })

  test('is read from the middle of a larger buffer', () => {
    const file = encodeSafetensors([{ name: 'a', shape: [2], values: Float32Array.of(1, 2) }])
    const larger = new Uint8Array(file.length + 3)
    larger.set(file, 3)
    expect(decodeSafetensors(larger.subarray(3)).get('a')?.values).toEqual(Float32Array.of(1, 2))
  })

  test('may carry metadata of other writers', () => {
    const header = JSON.stringify({ __metadata__: { format: 'pt' }, a: entry(0, 4) })
    expect([...decodeSafetensors(fileOf(header, 4)).keys()]).toEqual(['a'])
  })

  test('cut anywhere is refused', () => {
    const file = encodeSafetensors([{ name: 'a', shape: [3], values: Float32Array.of(1, 2, 3) }])
    for (let end = 0; end < file.length; end++) {
      expect(() => decodeSafetensors(file.subarray(0, end))).toThrow('safetensors file cannot be')
    }
  })

  test('says what is wrong where', () => {
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(5), 'ends after 5 bytes'],
      [fileOf('{', 0), 'the 1 bytes of its header are not JSON'],
      [fileOf('[]', 0), 'not a JSON object'],
      [fileOf('{"a":1}', 0), "wrong at 'a'"],
      [fileOf(JSON.stringify({ a: entry(0, 4, { dtype: 'F16' }) }), 4), "wrong at 'a/dtype'"],
      [fileOf(JSON.stringify({ a: entry(0, 8, { shape: [-2] }) }), 8), "wrong at 'a/shape/0'"],
      [fileOf(JSON.stringify({ a: entry(0, 8, { shape: [3] }) }), 8), "'a' [3] has 8 bytes"],
      [fileOf(JSON.stringify({ a: entry(4, 8) }), 8), "'a' begins at data byte 4, expected 0"],
      [fileOf(JSON.stringify({ a: entry(0, 8), b: entry(4, 8) }), 8), "'b' begins at data byte 4"],
      [fileOf(JSON.stringify({ a: entry(0, 4) }), 9), 'has 9 bytes of tensors'],
      [Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123), 'its header should have'],
    ]
    for (const [bytes, message] of cases) {
      expect(() => decodeSafetensors(bytes)).toThrow(message)
      expect(() => decodeSafetensors(bytes)).toThrow(
        expect.objectContaining({ code: 'MODEL_DAMAGED' }),
      )
    }
  })

  test('is not written from a tensor whose shape and values disagree', () => {
    const tensor = { name: 'a', shape: [2, 2], values: new Float32Array(3) }
    expect(() => encodeSafetensors([tensor])).toThrow("'a' [2, 2] came with 3 values")
  })
})
