import { expect, test } from 'vitest'
import { canonicalJson, digestOf } from './canonical-json.ts'

test('the order in which keys were set does not matter', () => {
  const one = { b: 1, a: { d: [1, { z: 0, y: 1 }], c: null } }
  const two = { a: { c: null, d: [1, { y: 1, z: 0 }] }, b: 1 }
  expect(canonicalJson(one)).toBe('{"a":{"c":null,"d":[1,{"y":1,"z":0}]},"b":1}')
  expect(digestOf(one)).toBe(digestOf(two))
})

test('NaN is refused, not turned into null in silence', () => {
  expect(() => canonicalJson({ loss: Number.NaN })).toThrow(/'loss' is NaN/)
})
