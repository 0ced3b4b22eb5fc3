import { describe, expect, it } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { type SelectionCase, selectionEvidence, type TriedRecipe } from './selection-evidence.ts'

const DAYS = 320

function recipeOf(label: string, advantage = 0, days = DAYS): TriedRecipe {
  const random = createRandom(8).fork(label)
  return {
    recipe: label,
    date: Int32Array.from({ length: days }, (_, i) => 1000 + i),
    losses: Float64Array.from({ length: days }, () => 1 - advantage + 0.1 * random.normal()),
    returns: Float64Array.from({ length: days }, () => 0.01 * (advantage + random.normal())),
  }
}

const CASE: SelectionCase = {
  horizon: 1,
  candidate: recipeOf('own', 0.2),
  tried: [recipeOf('own'), recipeOf('a'), recipeOf('b')],
  trial: 3,
  losses: {
    naive: recipeOf('naive').losses,
    own: recipeOf('own', 0.2).losses,
    other: recipeOf('other').losses,
  },
  outcome: recipeOf('outcome').returns,
  random: createRandom(1),
}

describe('selectionEvidence', () => {
  it('counts recipes once, takes their latest results, and is plain JSON', () => {
    const evidence = selectionEvidence(CASE)
    expect(evidence).toMatchObject({ trial: 3, recipes: 3 })
    expect(evidence.overfitting).toMatchObject({ recipes: 3, days: DAYS, byCrps: 0 })
    expect(evidence.comparison).toMatchObject({ models: 2, members: ['own'] })
    expect(evidence.comparison?.superiorAbility.consistent).toBe(0)
    expect(evidence.strategy.sharpe).toBeGreaterThan(0)
    expect(evidence.strategy.deflatedSharpe).toBeLessThan(
      evidence.strategy.probabilisticSharpe ?? 0,
    )
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
  })

  it('compares a model with itself only once', () => {
    const { own = new Float64Array() } = CASE.losses
    const evidence = selectionEvidence({ ...CASE, losses: { ...CASE.losses, champion: own } })
    expect(evidence.comparison).toEqual(selectionEvidence(CASE).comparison)
  })

  it('counts recipes that take no position as tried', () => {
    const flat = { ...recipeOf('flat'), returns: new Float64Array(DAYS) }
    const alone = selectionEvidence({ ...CASE, tried: [] }).strategy
    const two = selectionEvidence({ ...CASE, tried: [flat] }).strategy
    expect(alone.expectedMaximumSharpe).toBe(0)
    expect(two.expectedMaximumSharpe).toBeGreaterThan(0)
  })

  it('is the same whenever it is asked', () => {
    expect(selectionEvidence(CASE)).toEqual(selectionEvidence(CASE))
  })

  it('leaves recipes with other days out of the halving, not out of the count', () => {
    const short = recipeOf('c', 0, DAYS - 1)
    const evidence = selectionEvidence({ ...CASE, tried: [...CASE.tried, short] })
    expect(evidence.recipes).toBe(4)
    expect(evidence.overfitting?.recipes).toBe(3)
  })

  it('says nothing where there is too little', () => {
    const few = recipeOf('own', 0, 20)
    const flat = { ...few, returns: new Float64Array(20) }
    const evidence = selectionEvidence({ ...CASE, candidate: flat, tried: [], losses: {} })
    expect(evidence).toMatchObject({
      recipes: 1,
      overfitting: null,
      comparison: null,
      strategy: { sharpe: null, probabilisticSharpe: null, deflatedSharpe: null },
    })
  })
})
