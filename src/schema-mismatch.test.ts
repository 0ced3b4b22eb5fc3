import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { schemaMismatch } from './schema-mismatch.ts'

const schema = Type.Object(
  {
    size: Type.Union([Type.Literal('small'), Type.Literal('large')]),
    counts: Type.Array(Type.Integer()),
    name: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

const right = { size: 'small', counts: [1, 2] }

test.each([
  [{ ...right, siez: 1 }, '/siez', 'there is no such field'],
  [{ ...right, size: 'huge' }, '/size', '"huge" must be "small" or "large"'],
  [{ ...right, counts: [1, 'two'] }, '/counts/1', '"two" must be integer'],
  [{ size: 'small' }, '/', 'it must have required properties counts'],
  [undefined, '/', 'undefined must be object'],
])('%j is wrong at %s: %s', (value, path, problem) => {
  expect(schemaMismatch(schema, value)).toEqual({ path, problem })
})

test('a long value is cut', () => {
  const { problem } = schemaMismatch(schema, { ...right, name: Array(100).fill('x') })
  expect(problem).toMatch(/^\["x".{50,60}… must be string$/)
})

test('a value that matches has no mismatch', () => {
  expect(() => schemaMismatch(schema, right)).toThrow(RangeError)
})
