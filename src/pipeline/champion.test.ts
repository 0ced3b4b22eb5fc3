import { expect, test } from 'vitest'
import type { LiveModel } from './champion.ts'
import { rivalOf } from './champion.ts'
import { createRecipe } from './recipe.ts'

const recipeOf = (seed: number) =>
  createRecipe({ spec: { name: 'ewma' }, symbol: 'AAPL', panel: ['AAPL'], horizon: 1, seed })
const live = { recipe: recipeOf(7) } as LiveModel

test('the champion is judged with the seed that it was trained with', () => {
  expect(rivalOf(live, recipeOf(8))).toMatchObject({ label: 'champion', seed: 7 })
})

test('a candidate of the same recipe has no rival but itself', () => {
  expect(rivalOf(live, recipeOf(7))).toBeUndefined()
  expect(rivalOf(undefined, recipeOf(7))).toBeUndefined()
})
