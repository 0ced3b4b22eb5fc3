/** Checks a model's options against its schema, so that a misspelt one is refused, not ignored. */
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import { schemaMismatch } from '../schema-mismatch.ts'
import type { Forecaster, ForecasterOptions } from './forecaster.ts'

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

/**
 * Builds a model without choices: its options may be spelt out, as a recipe does, but not changed.
 *
 * @throws {TickerflowError} CONFIG_INVALID; names the option and what it is.
 */
export function fixedModel(forecaster: Forecaster): (options: ForecasterOptions) => Forecaster {
  return (options) => {
    for (const [option, value] of Object.entries(options)) assertFixed(forecaster, option, value)
    return forecaster
  }
}

function assertFixed({ name, options }: Forecaster, option: string, value: unknown): void {
  const fixed = Object.hasOwn(options, option) ? JSON.stringify(options[option]) : undefined
  const given = JSON.stringify(value)
  if (given === fixed) return
  const problem = fixed === undefined ? 'there is no such option' : `${given} must be ${fixed}`
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The options of model '${name}' are wrong at '/${option}': ${problem}. Leave it out.`,
    { details: { model: name, path: `/${option}` } },
  )
}
