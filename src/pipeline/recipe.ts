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
  /** The horizon that evidence is judged and a version promoted on. */
  readonly horizon: number
  readonly seed: number
  /** Horizons of the other forecasters of a version, ascending; absent where there are none. */
  readonly furtherHorizons?: readonly number[]
}

export interface RecipeSource {
  readonly spec: ForecasterSpec
  readonly symbol: string
  readonly panel: readonly string[]
  readonly horizon: number
  readonly seed: number
  /** In any order; the own horizon among them is not a further one. */
  readonly furtherHorizons?: readonly number[] | undefined
}

export function createRecipe({ spec, furtherHorizons = [], ...rest }: RecipeSource): Recipe {
  const { name, options } = createForecaster(spec)
  const others = new Set(furtherHorizons.filter((horizon) => horizon !== rest.horizon))
  const further = [...others].sort((a, b) => a - b)
  return {
    model: name,
    options,
    ...rest,
    panel: [...rest.panel].sort(),
    ...(further.length === 0 ? {} : { furtherHorizons: further }),
  }
}

/** Every horizon that a version of the recipe forecasts, the one it is promoted on first. */
export function horizonsOf({ horizon, furtherHorizons = [] }: Recipe): readonly number[] {
  return [horizon, ...furtherHorizons]
}

/** The recipe of one of its horizons, as if it were the only one: evidence of it counts alike. */
export function recipeAt({ furtherHorizons: _, ...recipe }: Recipe, horizon: number): Recipe {
  return { ...recipe, horizon }
}

/** What evidence belongs to: versions with the same digest differ in their data only. */
export function recipeDigest(recipe: Recipe): string {
  return digestOf(recipe)
}

export function specOfRecipe(recipe: Recipe, label?: string): ForecasterSpec {
  const spec = { name: recipe.model, options: recipe.options }
  return label === undefined ? spec : { ...spec, label }
}
