/** Reads back what `serialise` wrote, and refuses what it did not. */
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import type { SerialisedForecaster } from './forecaster.ts'

export const PositiveNumber = Type.Number({ exclusiveMinimum: 0 })

/** @throws {TickerflowError} MODEL_DAMAGED when the state does not match the schema; names where. */
export function parseSavedState<S extends TSchema>(
  schema: S,
  saved: SerialisedForecaster,
): Static<S> {
  if (Value.Check(schema, saved.state)) return saved.state as Static<S>
  const [first] = Value.Errors(schema, saved.state)
  throw new TickerflowError(
    'MODEL_DAMAGED',
    `The saved '${saved.model}' model is damaged or foreign at '${first?.instancePath ?? '/'}': ` +
      `${first?.message ?? 'unexpected content'}. Train it again, or restore the file.`,
    { details: { model: saved.model } },
  )
}
