/** The fit on all data that becomes a model version, as plain data that crosses to a worker. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import type {
  DaySpan,
  FitRequest,
  ForecasterSpec,
  SerialisedForecaster,
  TrainingEvent,
} from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'
import type { Application } from './application.ts'
import type { Preparation } from './preparation.ts'
import type { Report } from './progress.ts'
import { specOfRecipe } from './recipe.ts'

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

export async function runFinalFit(task: FinalFitTask): Promise<FinalFit> {
  const { spec, frames, symbol, span, horizon, seed } = task
  const training: TrainingEvent[] = []
  const forecaster = createForecaster(spec)
  const request: FitRequest = {
    frames,
    symbol,
    span,
    horizon,
    random: createRandom(seed).fork(`${spec.name}/final`),
    onEvent: (event) => training.push(event),
  }
  const fitted = (await forecaster.fitOnThreads?.(request)) ?? forecaster.fit(request)
  return { saved: fitted.serialise(), training }
}

/** The candidate's recipe fitted on every session of the panel, in a worker. */
export async function fitOnAll(
  app: Application,
  given: Preparation,
  report: Report,
): Promise<FinalFit> {
  const { frames, frame, symbol, recipe, signal } = given
  const from = Math.min(...frames.map(({ date }) => date[0] ?? 0))
  const span = { from, to: frame.date.at(-1) ?? 0 }
  const { horizon, seed } = recipe
  const spec = specOfRecipe(recipe)
  const final = await app.pool.finalFit({ spec, frames, symbol, span, horizon, seed }, signal)
  if (final.training.length > 0) report(`${final.training.length} epochs`)
  return final
}
