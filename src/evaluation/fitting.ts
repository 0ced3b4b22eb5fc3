/** One model to fit on one span, as plain data that crosses threads; whole, or part by part. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import type {
  DaySpan,
  FitRequest,
  FittedForecaster,
  ForecasterSpec,
  SerialisedForecaster,
  TrainingEvent,
} from '../forecast/forecaster.ts'
import { createForecaster, MODEL_NAMES } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'

export interface Fitting {
  readonly spec: ForecasterSpec
  readonly frames: readonly FeatureFrame[]
  readonly symbol: string
  readonly span: DaySpan
  readonly horizon: number
  readonly seed: number
  /** Names the stream of random numbers, so that no two fittings of a seed share one. */
  readonly stream: string
  /** What a model that starts warm goes on from. */
  readonly initial?: SerialisedForecaster
}

export interface FittingPart {
  readonly fitting: Fitting
  /** From 0 to `partCount` − 1. */
  readonly part: number
  /** Cores that it may keep busy. */
  readonly cores: number
}

/** A fitted part and what was told on the way. */
export interface FittedPart {
  readonly fitted: unknown
  readonly training: readonly TrainingEvent[]
}

export interface Fitted {
  readonly fitted: FittedForecaster
  readonly training: readonly TrainingEvent[]
}

/** Parts that can be fitted at the same time; 0 for a model that is fitted as a whole. */
export function partCount(spec: ForecasterSpec): number {
  // An unknown model is refused where it is fitted.
  return MODEL_NAMES.includes(spec.name) ? (createForecaster(spec).parts?.count ?? 0) : 0
}

/** @throws What the model's `fit` throws. */
export async function fitPart({ fitting, part, cores }: FittingPart): Promise<FittedPart> {
  const { parts } = createForecaster(fitting.spec)
  if (parts === undefined) throw new RangeError(`Model '${fitting.spec.name}' has no parts`)
  const training: TrainingEvent[] = []
  return { fitted: await parts.fit(requestOf(fitting, training), part, cores), training }
}

/**
 * Fits a model, from its parts when they are given: the same bits either way.
 *
 * @throws What the model's `fit` throws.
 */
export function fitWhole(
  fitting: Fitting,
  given: readonly FittedPart[] = [],
  signal?: AbortSignal,
): Fitted {
  const { parts, fit } = createForecaster(fitting.spec)
  const training: TrainingEvent[] = []
  const request = { ...requestOf(fitting, training), ...(signal === undefined ? {} : { signal }) }
  if (parts === undefined || given.length === 0) return { fitted: fit(request), training }
  const fitted = parts.assemble(
    request,
    given.map((part) => part.fitted),
  )
  return { fitted, training: given.flatMap((part) => part.training) }
}

function requestOf(
  { spec: _spec, seed, stream, ...what }: Fitting,
  training: TrainingEvent[],
): FitRequest {
  const random = createRandom(seed).fork(stream)
  return { ...what, random, onEvent: (event) => training.push(event) }
}
