import { describe, expect, test } from 'vitest'
import { countJudgements, halve, planRounds } from './successive-halving.ts'

describe('the plan', () => {
  test('has twice the folds and a third of the trials in each round', () => {
    expect(planRounds({ trials: 18, reduction: 3, folds: 4 })).toEqual([
      { trials: 18, folds: 1 },
      { trials: 6, folds: 2 },
      { trials: 2, folds: 4 },
    ])
  })

  test('ends on the folds that there are, with at least one trial', () => {
    expect(planRounds({ trials: 2, reduction: 4, folds: 3 })).toEqual([
      { trials: 2, folds: 1 },
      { trials: 1, folds: 2 },
      { trials: 1, folds: 3 },
    ])
  })

  test('counts fits once, the reference among them', () => {
    // 19 · 1, then 7 · 1 more, then 3 · 2 more.
    expect(countJudgements(planRounds({ trials: 18, reduction: 3, folds: 4 }))).toBe(32)
  })
})

describe('the rounds', () => {
  const rounds = planRounds({ trials: 9, reduction: 3, folds: 4 })

  test('carry the best on, and keep the reference to the end', async () => {
    const asked: string[] = []
    const judged = await halve({
      rounds,
      async judge(trial, folds) {
        asked.push(`${trial}:${folds}`)
        return trial === 0 ? 100 : Math.abs(trial - 4)
      },
    })
    const roundsOf = Object.fromEntries(judged.map(({ trial, losses }) => [trial, losses.length]))
    expect(roundsOf).toEqual({ 0: 3, 1: 1, 2: 1, 3: 2, 4: 3, 5: 2, 6: 1, 7: 1, 8: 1, 9: 1 })
    expect(asked).toContain('0:4')
    expect(asked).not.toContain('9:2')
  })

  test('do not depend on which judgement comes first', async () => {
    const run = (delay: (trial: number) => number) =>
      halve({
        rounds,
        async judge(trial, folds) {
          await new Promise((resolve) => setTimeout(resolve, delay(trial)))
          return ((trial * 7) % 5) + 1 / folds
        },
      })
    expect(await run((trial) => trial)).toEqual(await run((trial) => 10 - trial))
  })

  test('tell of each trial once, when its fate is decided', async () => {
    const told: number[] = []
    await halve({
      rounds,
      judge: async (trial) => trial,
      onDecided: async (trial) => void told.push(trial),
    })
    expect(told.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(told.at(-1)).toBe(0)
    expect(told.slice(0, 6).toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9])
  })

  test('leave out a trial whose loss is not a number', async () => {
    const judged = await halve({ rounds, judge: async (t) => (t === 1 ? Number.NaN : t) })
    expect(judged[1]?.losses).toHaveLength(1)
  })
})
