import { expect, test } from 'vitest'
import { parameterCount } from '../parameters.ts'
import { type LstmModel, serialiseLstm } from '../serialise.ts'
import { attachWeights, detachWeights } from './network-tensors.ts'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'

const ARCHITECTURE = { inputSize: 2, hiddenSizes: [3, 1], outputSize: 2, windowLength: 4 }

function network(first: number) {
  const length = parameterCount(ARCHITECTURE)
  const model: LstmModel = {
    architecture: ARCHITECTURE,
    loss: { kind: 'gaussian' },
    weights: Float32Array.from({ length }, (_, i) => (first + i) / 3),
    engine: 'reference',
  }
  return serialiseLstm(model)
}

const networks = [network(0), network(500)]
const { headers, file } = detachWeights(networks)

/** The file with its tensors changed. */
function changed(change: (tensors: ReturnType<typeof decodeSafetensors>) => void): Uint8Array {
  const tensors = decodeSafetensors(file)
  change(tensors)
  return encodeSafetensors([...tensors.values()])
}

test('networks come back from headers and one file of weights', () => {
  expect(headers[0]).not.toHaveProperty('weights')
  expect(attachWeights({ headers, file })).toEqual(networks)
})

test('tensors are named and shaped as in PyTorch, by network', () => {
  const tensors = decodeSafetensors(file)
  expect(tensors.get('network0.lstm.weight_ih_l0')?.shape).toEqual([12, 2])
  expect(tensors.get('network1.lstm.weight_ih_l1')?.shape).toEqual([4, 3])
  expect(tensors.get('network1.head.bias')?.values).toHaveLength(2)
  expect(tensors.size).toBe(20)
})

test('weights of another network, shape or number are refused by name', () => {
  const bias = { name: 'network1.head.bias', shape: [1], values: Float32Array.of(1) }
  const cases: [Uint8Array, string][] = [
    [changed((all) => all.delete('network1.head.bias')), "no tensor 'network1.head.bias'"],
    [changed((all) => all.set(bias.name, bias)), 'has the shape [1], expected [2]'],
    [changed((all) => all.set('x', { ...bias, name: 'x' })), 'tensors that no network reads: x'],
    [
      changed((all) => all.get('network1.head.bias')?.values.set([9])),
      'the weights of network 1 have the digest',
    ],
  ]
  for (const [bytes, message] of cases) {
    expect(() => attachWeights({ headers, file: bytes })).toThrow(message)
  }
})

test('a header that describes no network is refused', () => {
  const [first] = headers
  const foreign = { ...first, format: 'other/9' } as unknown as (typeof headers)[0]
  expect(() => attachWeights({ headers: [foreign], file })).toThrow("format is 'other/9'")
  const empty = {} as unknown as (typeof headers)[0]
  expect(() => attachWeights({ headers: [empty], file })).toThrow('format is')
})
