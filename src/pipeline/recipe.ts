/** A recipe: everything that shapes a forecaster except the span of data it is fitted on. */
import { digestOf } from '../canonical-json.ts'
import type { ForecasterOptions, ForecasterSpec } from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'

export interface Recipe {
  readonly model: string
  /** Resolved options, defaults written out. */
  readonly options: ForecasterOptions
  readonly symbol: string
  /** Symbols learnt from, the own one included. */
  readonly panel: readonly string[]
  readonly horizon: number
  readonly seed: number
}

export interface RecipeSource {
  readonly spec: ForecasterSpec
  readonly symbol: string
  readonly panel: readonly string[]
  readonly horizon: number
  readonly seed: number
}

export function createRecipe({ spec, ...rest }: RecipeSource): Recipe {
  const { name, options } = createForecaster(spec)
  return { model: name, options, ...rest, panel: [...rest.panel].sort() }
}

/** What evidence belongs to: versions with the same digest differ in their data only. */
export function recipeDigest(recipe: Recipe): string {
  return digestOf(recipe)
}

export function specOfRecipe(recipe: Recipe, label?: string): ForecasterSpec {
  const spec = { name: recipe.model, options: recipe.options }
  return label === undefined ? spec : { ...spec, label }
}
