/** What is live now, as a rival of the next candidate. */
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { liveVersion } from '../registry/promotion-journal.ts'
import type { ModelVersion, ModelVersionRef } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { type LoadedModel, loadModelVersion } from './model-file.ts'
import { horizonsOf, type Recipe, recipeAt, recipeDigest, specOfRecipe } from './recipe.ts'

export const CHAMPION_LABEL = 'champion'

export interface LiveModel extends LoadedModel {
  readonly version: ModelVersion
}

/**
 * The Production version of a registered model, ready to forecast: the one whose promotion was
 * committed, wherever another client may have moved the alias. `undefined` while there is none.
 */
export async function liveModel(app: Application, name: string): Promise<LiveModel | undefined> {
  const slot = { model: name, environment: 'production' } as const
  const version = liveVersion(app.promotions.database, slot)
  if (version === undefined) return undefined
  return await modelOfVersion(app, { name, version })
}

/** @throws {TickerflowError} NOT_FOUND, or MODEL_DAMAGED with what is wrong. */
export async function modelOfVersion(app: Application, ref: ModelVersionRef): Promise<LiveModel> {
  const version = await app.tracking.getModelVersion(ref)
  return { version, ...(await loadModelVersion(app.tracking, version)) }
}

/**
 * The champion's recipe as a model of its own in the backtest of one horizon; `undefined` when
 * nothing is live or the candidate is the same recipe there, whose evidence is then its own. It keeps
 * its own seed: with the candidate's it would be another model, and where only the seeds differ the
 * candidate itself.
 *
 * @param candidate Its recipe of that horizon alone.
 */
export function rivalOf(
  live: LiveModel | undefined,
  candidate: Recipe,
): ForecasterSpec | undefined {
  if (live === undefined) return undefined
  const { horizon } = candidate
  const isCovered = horizonsOf(live.recipe).includes(horizon)
  const own = isCovered ? recipeAt(live.recipe, horizon) : live.recipe
  if (recipeDigest(own) === recipeDigest(candidate)) return undefined
  return { ...specOfRecipe(live.recipe, CHAMPION_LABEL), seed: live.recipe.seed }
}
