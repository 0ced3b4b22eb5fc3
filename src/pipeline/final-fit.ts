/** The fit on all data that becomes a model version, as plain data that crosses to a worker. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import type {
  DaySpan,
  ForecasterSpec,
  SerialisedForecaster,
  TrainingEvent,
} from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'

export interface FinalFitTask {
  readonly spec: ForecasterSpec
  readonly frames: readonly FeatureFrame[]
  readonly symbol: string
  readonly span: DaySpan
  readonly horizon: number
  readonly seed: number
}

export interface FinalFit {
  readonly saved: SerialisedForecaster
  readonly training: readonly TrainingEvent[]
}

export function runFinalFit(task: FinalFitTask): FinalFit {
  const { spec, frames, symbol, span, horizon, seed } = task
  const training: TrainingEvent[] = []
  const fitted = createForecaster(spec).fit({
    frames,
    symbol,
    span,
    horizon,
    random: createRandom(seed).fork(`${spec.name}/final`),
    onEvent: (event) => training.push(event),
  })
  return { saved: fitted.serialise(), training }
}
