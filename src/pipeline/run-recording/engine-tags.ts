/** Which engine trained a model, read from its saved state. */
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { SerialisedForecaster } from '../../forecast/forecaster.ts'
import type { StringMap } from '../../tracking/tracking-store.ts'

/** Of a model with networks; the other ones have no engine. */
const TrainedState = Type.Object({
  kernelDigest: Type.Optional(Type.String()),
  networks: Type.Array(Type.Object({ engine: Type.String() }), { minItems: 1 }),
})

export function engineTags(saved: SerialisedForecaster): StringMap {
  if (!Value.Check(TrainedState, saved.state)) return {}
  const { kernelDigest, networks }: Static<typeof TrainedState> = saved.state
  return {
    'tickerflow.engine': [...new Set(networks.map(({ engine }) => engine))].join(','),
    ...(kernelDigest === undefined ? {} : { 'tickerflow.kernelDigest': kernelDigest }),
  }
}
