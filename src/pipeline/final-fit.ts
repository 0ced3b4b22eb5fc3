/** The fit on all data that becomes a model version, as plain data that crosses to a worker. */
import { type FittedPart, type Fitting, fitWhole } from '../evaluation/fitting.ts'
import type { SerialisedForecaster, TrainingEvent } from '../forecast/forecaster.ts'
import { startsWarm } from '../forecast/model-catalogue.ts'
import type { StringMap } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import type { LiveModel } from './champion.ts'
import { forecasterAt } from './model-file.ts'
import type { Preparation } from './preparation.ts'
import type { Report } from './progress.ts'
import { horizonsOf, recipeDigest, specOfRecipe } from './recipe.ts'

export type FinalFitTask = Omit<Fitting, 'stream'>

export interface FinalFit {
  readonly saved: SerialisedForecaster
  readonly training: readonly TrainingEvent[]
}

/** The fit of each of a recipe's horizons. */
export interface FinalFits extends FinalFit {
  /** In step with the recipe's further horizons. */
  readonly further: readonly FinalFit[]
  /** The version that a warm start went on from. */
  readonly startedFrom?: number
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

/** The live version, where the recipe starts warm and it is of that very recipe. */
export function warmStartOf({ live, recipe }: Pick<Preparation, 'live' | 'recipe'>) {
  if (live === undefined || !startsWarm(specOfRecipe(recipe))) return undefined
  return recipeDigest(live.recipe) === recipeDigest(recipe) ? live : undefined
}

/** Of a run whose fit went on from a version: which. */
export const WARM_START_TAG = 'tickerflow.warmStart'

export function warmStartTags({ startedFrom }: FinalFits): StringMap {
  return startedFrom === undefined ? {} : { [WARM_START_TAG]: String(startedFrom) }
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
  const start = warmStartOf(given)
  const fits: FinalFit[] = []
  for (const horizon of horizonsOf(recipe)) {
    const task = { spec, frames, symbol, span, horizon, seed, ...initialOf(start, horizon) }
    fits.push(await app.pool.finalFit(task, signal))
  }
  const epochs = fits.reduce((total, { training }) => total + training.length, 0)
  if (epochs > 0) report(`${epochs} epochs`)
  const [own, ...further] = fits
  const startedFrom = start === undefined ? {} : { startedFrom: start.version.version }
  return { ...(own as FinalFit), further, ...startedFrom }
}

/** The fit of a horizon that another one goes on from. */
export function initialOf(
  start: LiveModel | undefined,
  horizon: number,
): Pick<FinalFitTask, 'initial'> {
  const initial = start === undefined ? undefined : forecasterAt(start, horizon)?.serialise()
  return initial === undefined ? {} : { initial }
}
