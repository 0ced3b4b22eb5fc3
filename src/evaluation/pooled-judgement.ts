/** Several symbols judged together: mean scores, and tests on each day's mean relative loss. */
import type { Backtest, Scores } from './backtest.ts'
import { type Judgement, testsAgainst } from './judgement.ts'

/**
 * Scores are means over symbols, `n` the sum of their days. A day's loss is the mean over the
 * symbols judged that day of CRPS relative to the naive forecast's mean, so that no symbol counts
 * more because it is more volatile, and days are the unit of the tests: symbols of one day depend
 * on each other.
 *
 * @throws {RangeError} On no backtest, or judgements that are not theirs.
 */
export function pooledJudgement(
  backtests: readonly Backtest[],
  judgements: readonly Judgement[],
): Judgement {
  const [first] = judgements
  if (first === undefined || judgements.length !== backtests.length) {
    throw new RangeError(`Expected one judgement for each of ${backtests.length} backtests`)
  }
  if (judgements.length === 1) return first
  const models = Object.keys(first.scores)
  const losses = Object.fromEntries(
    models.map((model) => [model, dailyLosses(backtests, judgements, model)]),
  )
  const horizon = backtests[0]?.horizon ?? 1
  return {
    scores: Object.fromEntries(models.map((model) => [model, meanScores(judgements, model)])),
    tests: testsAgainst(losses, horizon),
    losses,
    pit: Object.fromEntries(models.map((model) => [model, joined(judgements, model)])),
  }
}

function dailyLosses(
  backtests: readonly Backtest[],
  judgements: readonly Judgement[],
  model: string,
): Float64Array {
  const days = new Map<number, { total: number; count: number }>()
  backtests.forEach(({ date }, i) => {
    const losses = judgements[i]?.losses[model] ?? new Float64Array()
    const unit = judgements[i]?.scores.naive?.crps ?? 1
    date.forEach((day, row) => {
      const sum = days.get(day) ?? { total: 0, count: 0 }
      sum.total += (losses[row] ?? Number.NaN) / unit
      sum.count++
      days.set(day, sum)
    })
  })
  const ordered = [...days].sort(([a], [b]) => a - b)
  return Float64Array.from(ordered, ([, { total, count }]) => total / count)
}

function meanScores(judgements: readonly Judgement[], model: string): Scores {
  const all = judgements.flatMap(({ scores }) => scores[model] ?? [])
  const names = Object.keys(all[0] ?? {}) as (keyof Scores)[]
  const mean = (name: keyof Scores) => {
    const total = all.reduce((sum, scores) => sum + scores[name], 0)
    return name === 'n' ? total : total / all.length
  }
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as unknown as Scores
}

function joined(judgements: readonly Judgement[], model: string): Float64Array {
  return Float64Array.from(judgements.flatMap(({ pit }) => [...(pit[model] ?? [])]))
}
