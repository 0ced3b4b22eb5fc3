/** Where a value breaks its schema, and how, in words for the person who wrote the value. */
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

export interface SchemaMismatch {
  /** JSON pointer; `/` for the value as a whole. */
  readonly path: string
  /** What came and what was expected. */
  readonly problem: string
}

/** Received values longer than this are cut in messages. */
const LONGEST_QUOTE = 60

/** The first mismatch. @param value One that the schema refuses. */
export function schemaMismatch(schema: TSchema, value: unknown): SchemaMismatch {
  const errors = Value.Errors(schema, value)
  const [first] = errors
  if (first === undefined) throw new RangeError('The value matches its schema')
  const path = first.instancePath || '/'
  if (first.keyword === 'boolean') return { path, problem: 'there is no such field' }
  if (first.keyword === 'required') return { path, problem: `it ${first.message}` }
  const choices = errors.flatMap((error) =>
    error.keyword === 'const' && error.instancePath === first.instancePath
      ? [JSON.stringify(error.params.allowedValue)]
      : [],
  )
  const expected = choices.length > 0 ? `must be ${choices.join(' or ')}` : first.message
  return { path, problem: `${quote(Value.Pointer.Get(value, first.instancePath))} ${expected}` }
}

function quote(received: unknown): string {
  const text = JSON.stringify(received) ?? String(received)
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
}
