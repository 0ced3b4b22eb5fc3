/** The fit on all data that becomes a model version, as plain data that crosses to a worker. */
import { type FittedPart, type Fitting, fitWhole } from '../evaluation/fitting.ts'
import type { SerialisedForecaster, TrainingEvent } from '../forecast/forecaster.ts'
import type { Application } from './application.ts'
import type { Preparation } from './preparation.ts'
import type { Report } from './progress.ts'
import { horizonsOf, specOfRecipe } from './recipe.ts'

export type FinalFitTask = Omit<Fitting, 'stream'>

export interface FinalFit {
  readonly saved: SerialisedForecaster
  readonly training: readonly TrainingEvent[]
}

/** The fit of each of a recipe's horizons. */
export interface FinalFits extends FinalFit {
  /** In step with the recipe's further horizons. */
  readonly further: readonly FinalFit[]
}

/** What the task fits. */
export function finalFittingOf(task: FinalFitTask): Fitting {
  return { ...task, stream: `${task.spec.name}/final` }
}

/** @param parts Of the model, where they have been fitted already. */
export function runFinalFit(task: FinalFitTask, parts?: readonly FittedPart[]): FinalFit {
  const { fitted, training } = fitWhole(finalFittingOf(task), parts)
  return { saved: fitted.serialise(), training }
}

/** The candidate's recipe fitted on every session of the panel, in a worker. */
export async function fitOnAll(
  app: Application,
  given: Preparation,
  report: Report,
): Promise<FinalFits> {
  const { frames, frame, symbol, recipe, signal } = given
  const from = Math.min(...frames.map(({ date }) => date[0] ?? 0))
  const span = { from, to: frame.date.at(-1) ?? 0 }
  const { seed } = recipe
  const spec = specOfRecipe(recipe)
  const fits: FinalFit[] = []
  for (const horizon of horizonsOf(recipe)) {
    fits.push(await app.pool.finalFit({ spec, frames, symbol, span, horizon, seed }, signal))
  }
  const epochs = fits.reduce((total, { training }) => total + training.length, 0)
  if (epochs > 0) report(`${epochs} epochs`)
  const [own, ...further] = fits
  return { ...(own as FinalFit), further }
}
