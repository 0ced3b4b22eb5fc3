import { expect, test } from 'vitest'
import { deserialiseLstm, type LstmModel, serialiseLstm } from './serialise.ts'

const MODEL: LstmModel = {
  architecture: { inputSize: 1, hiddenSizes: [1], outputSize: 1, windowLength: 2 },
  loss: { kind: 'squared-error' },
  weights: Float32Array.from({ length: 18 }, (_, i) => i / 3 - 2),
  engine: 'reference',
}

test('a stored network comes back with the same bits, through JSON', () => {
  const stored = JSON.parse(JSON.stringify(serialiseLstm(MODEL)))
  expect(deserialiseLstm(stored)).toEqual(MODEL)
})

test('damage and foreign files are told apart', () => {
  const stored = serialiseLstm(MODEL)
  const flipped = `${stored.weights.startsWith('A') ? 'B' : 'A'}${stored.weights.slice(1)}`
  const cases: [object, string][] = [
    [{ format: 'other/1' }, "format is 'other/1'"],
    [{ weights: flipped }, 'digest'],
    [{ weights: stored.weights.slice(0, 40) }, 'bytes, expected 72'],
    [{ architecture: { ...MODEL.architecture, hiddenSizes: [0] } }, 'malformed'],
    [{ loss: { kind: 'gaussian' } }, '1 outputs'],
  ]
  for (const [change, message] of cases) {
    expect(() => deserialiseLstm({ ...stored, ...change })).toThrow(message)
  }
})
