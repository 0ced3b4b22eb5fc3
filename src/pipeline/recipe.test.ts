import { describe, expect, test } from 'vitest'
import { createForecaster, MODEL_NAMES } from '../forecast/model-catalogue.ts'
import {
  createRecipe,
  horizonsOf,
  type RecipeSource,
  recipeAt,
  recipeDigest,
  specOfRecipe,
} from './recipe.ts'

const source: RecipeSource = {
  spec: { name: 'lstm', options: { seeds: 2 } },
  symbol: 'AAPL',
  panel: ['AAPL', 'MSFT', 'IBM'],
  horizon: 1,
  seed: 7,
}

const digestWith = (changes: Partial<RecipeSource>) =>
  recipeDigest(createRecipe({ ...source, ...changes }))

describe('a recipe', () => {
  test('writes the defaults of its model out', () => {
    const { model, options } = createRecipe(source)
    expect(model).toBe('lstm')
    expect(options).toMatchObject({ seeds: 2, windowLength: 20, hiddenSizes: [16] })
  })

  test('keeps its digest when defaults are spelt out, keys change place or the panel turns', () => {
    const { options } = createRecipe(source)
    const turned = Object.fromEntries(Object.entries(options).reverse())
    const digest = recipeDigest(createRecipe(source))
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(digestWith({ spec: { name: 'lstm', options: turned } })).toBe(digest)
    expect(digestWith({ panel: ['IBM', 'MSFT', 'AAPL'] })).toBe(digest)
    expect(digestWith({ spec: { ...source.spec, label: 'champion' } })).toBe(digest)
  })

  test.each<[string, Partial<RecipeSource>]>([
    ['model', { spec: { name: 'har' } }],
    ['option', { spec: { name: 'lstm', options: { seeds: 3 } } }],
    ['symbol', { symbol: 'MSFT' }],
    ['panel', { panel: ['AAPL', 'MSFT'] }],
    ['horizon', { horizon: 5 }],
    ['seed', { seed: 8 }],
  ])('is another one with another %s', (_, changes) => {
    expect(digestWith(changes)).not.toBe(digestWith({}))
  })

  test('of one horizon says nothing of further ones, so that its digest is what it always was', () => {
    for (const furtherHorizons of [undefined, [], [1]]) {
      const recipe = createRecipe({ ...source, furtherHorizons })
      expect(recipe).not.toHaveProperty('furtherHorizons')
      expect(recipeDigest(recipe)).toBe(digestWith({}))
    }
  })

  test('is another one with further horizons, in whatever order, and the same at each of them', () => {
    const recipe = createRecipe({ ...source, furtherHorizons: [20, 5, 5, 1] })
    expect(horizonsOf(recipe)).toEqual([1, 5, 20])
    expect(recipeDigest(recipe)).toBe(digestWith({ furtherHorizons: [5, 20] }))
    expect(recipeDigest(recipe)).not.toBe(digestWith({}))
    expect(recipeDigest(recipeAt(recipe, 5))).toBe(digestWith({ horizon: 5 }))
  })

  test('refuses an unknown model or option', () => {
    expect(() => createRecipe({ ...source, spec: { name: 'oracle' } })).toThrow(/Unknown model/)
    const misspelt = { name: 'lstm', options: { sedes: 2 } }
    expect(() => createRecipe({ ...source, spec: misspelt })).toThrow(/'\/sedes'/)
  })
})

describe.each([...MODEL_NAMES])('the spec of a %s recipe', (name) => {
  test('builds the same forecaster again, under a label if one is given', () => {
    const recipe = createRecipe({ ...source, spec: { name } })
    const spec = specOfRecipe(recipe, 'champion')
    expect(spec.label).toBe('champion')
    expect(specOfRecipe(recipe)).not.toHaveProperty('label')
    const { options } = createForecaster(JSON.parse(JSON.stringify(spec)))
    expect(options).toEqual(recipe.options)
  })
})
