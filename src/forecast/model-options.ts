/** Checks a model's options against its schema, so that a misspelt one is refused, not ignored. */
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'

/** @throws {TickerflowError} CONFIG_INVALID; names the option and what was expected. */
export function modelOptions<S extends TSchema>(
  model: string,
  schema: S,
  options: unknown,
): Static<S> {
  if (Value.Check(schema, options)) return options as Static<S>
  const [first] = Value.Errors(schema, options)
  const at = first?.instancePath || '/'
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The options of model '${model}' are wrong at '${at}': ${first?.message}`,
    { details: { model, path: at } },
  )
}
