/** Model files are the bytes that the reference packages in Python write. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeOnnx } from '../../src/forecast/onnx/onnx-encoding.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/lstm/formats/safetensors.ts'

interface Fixture {
  readonly tensors: Readonly<Record<string, { shape: number[]; values: number[] }>>
  readonly safetensors: string
  readonly onnx: string
}

const path = join(import.meta.dirname, 'fixtures/onnx-model-files.json')
const fixture: Fixture = JSON.parse(readFileSync(path, 'utf8'))
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))
const tensors = Object.entries(fixture.tensors).map(([name, { shape, values }]) => ({
  name,
  shape,
  values: Float32Array.from(values),
}))

test('a safetensors file has the bytes of the Python package, whatever the order of tensors', () => {
  expect(encodeSafetensors(tensors)).toEqual(bytesOf(fixture.safetensors))
  expect(encodeSafetensors(tensors.toReversed())).toEqual(bytesOf(fixture.safetensors))
})

test('a file of the Python package is read back to the bit', () => {
  const read = decodeSafetensors(bytesOf(fixture.safetensors))
  expect([...read.values()].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  )
  expect(Object.is(read.get('network10.head.weight')?.values[0], -0)).toBe(true)
})

test('an ONNX file has the bytes of the Python package, in every kind of field', () => {
  const node = (operator: string, inputs: string[], outputs: string[]) => ({
    operator,
    inputs,
    outputs,
    attributes: [],
  })
  const file = encodeOnnx({
    name: 'graph',
    description: 'A model',
    inputs: [{ name: 'x', shape: ['N', 6], description: 'Schluss ε' }],
    outputs: [{ name: 'y', shape: ['N', 1], description: 'Out' }],
    nodes: [
      node('Reshape', ['x', 'sizes'], ['rows']),
      {
        ...node('Transpose', ['rows'], ['turned']),
        attributes: [{ name: 'perm', integers: [1, 0, 2] }],
      },
      {
        ...node('LSTM', ['turned', 'w', 'r'], ['', 'last']),
        attributes: [
          { name: 'direction', text: 'forward' },
          { name: 'hidden_size', integer: 300 },
        ],
      },
      { ...node('LeakyRelu', ['last'], ['leaky']), attributes: [{ name: 'alpha', float: 0.1 }] },
      { ...node('Softmax', ['leaky'], ['y']), attributes: [{ name: 'axis', integer: -1 }] },
    ],
    constants: [
      { name: 'sizes', shape: [3], integers: [-1, 2, 3] },
      {
        name: 'w',
        shape: [1, 4, 3],
        floats: Float32Array.from({ length: 12 }, (_, i) => -1 + (2 * i) / 11),
      },
      { name: 'r', shape: [], floats: Float32Array.of(0.1) },
    ],
    metadata: { one: '[1]', two: '' },
  })
  expect(Buffer.from(file).toString('base64')).toBe(fixture.onnx)
})
