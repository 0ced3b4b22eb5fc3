/** Checks a model's options against its schema, so that a misspelt one is refused, not ignored. */
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import { schemaMismatch } from '../schema-mismatch.ts'

/** @throws {TickerflowError} CONFIG_INVALID; names the option and what was expected. */
export function modelOptions<S extends TSchema>(
  model: string,
  schema: S,
  options: unknown,
): Static<S> {
  if (Value.Check(schema, options)) return options as Static<S>
  const { path, problem } = schemaMismatch(schema, options)
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The options of model '${model}' are wrong at '${path}': ${problem}.`,
    { details: { model, path } },
  )
}
