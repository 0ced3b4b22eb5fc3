/**
 * Judges the combination and its members on the sample, 2005 to 2012, and tests them on CRPS and NLL,
 * pooled over the symbols.
 *
 *     node experiments/combination-2005-2012/run.ts [horizon] [seed]
 */
import type { Backtest } from '../../src/evaluation/backtest.ts'
import { calibratedCoverage, meanCoverage } from '../../src/evaluation/calibrated-coverage.ts'
import { planFolds } from '../../src/evaluation/folds.ts'
import { judge } from '../../src/evaluation/judgement.ts'
import { nllLosses } from '../../src/evaluation/scores.ts'
import { dieboldMariano } from '../../src/evaluation/skill/diebold-mariano.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { createTaskPool } from '../../src/pipeline/task-pool.ts'

const MODELS = ['naive', 'ewma', 'garch', 'har', 'lstm', 'combination']
const BENCHMARKS = ['ewma', 'garch', 'har']

const [horizon = 1, seed = 7] = process.argv.slice(2).map(Number)
const symbols = [...SAMPLE_SYMBOLS]
const frames = (await Promise.all(symbols.map(readSampleBars))).map((bars) =>
  buildFeatureFrame(bars),
)
const date = frames[0]?.date ?? new Int32Array()
const [from, to] = [parseIsoDate('2005-01-01') ?? 0, parseIsoDate('2012-12-31') ?? 0]
const folds = planFolds({ date, from, to, refit: 'yearly' })
const pool = createTaskPool()
const models = MODELS.map((name) => ({ name }))
const { backtests } = await walkForward(
  { frames, symbols, models, folds, horizon, seed },
  { execute: pool.executeFold },
)
await pool.close()

const crps = backtests.map((backtest) => judge(backtest).losses)
const nll = backtests.map((backtest) =>
  Object.fromEntries(backtest.tracks.map((track) => [track.model, nllLosses(backtest, track)])),
)
const coverage = meanCoverage(
  backtests.map((backtest) => calibratedCoverage(backtest, judge(backtest).pit)),
)

/** Each day's mean over the symbols; CRPS in units of the naive forecast's mean, NLL as it is. */
function pooled(losses: typeof crps, model: string, relative: boolean): Float64Array {
  const days = new Map<number, { total: number; count: number }>()
  backtests.forEach((backtest: Backtest, i) => {
    const naive = losses[i]?.naive ?? new Float64Array()
    const unit = relative ? naive.reduce((sum, loss) => sum + loss, 0) / naive.length : 1
    backtest.date.forEach((day, row) => {
      const sum = days.get(day) ?? { total: 0, count: 0 }
      sum.total += (losses[i]?.[model]?.[row] ?? Number.NaN) / unit
      sum.count++
      days.set(day, sum)
    })
  })
  const ordered = [...days].toSorted(([a], [b]) => a - b)
  return Float64Array.from(ordered, ([, { total, count }]) => total / count)
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
const rows = MODELS.map((model) => {
  const tests = BENCHMARKS.flatMap((benchmark) =>
    [true, false].map((relative) => {
      const losses = relative ? crps : nll
      const own = pooled(losses, model, relative)
      const { t } = dieboldMariano(own, pooled(losses, benchmark, relative), { horizon })
      return [`${relative ? 'CRPS' : 'NLL'} vs ${benchmark}`, t?.toFixed(2) ?? '–'] as const
    }),
  )
  const kinds = Object.entries(coverage[model] ?? {}).map(([kind, { coverage80, coverage95 }]) => {
    return [kind, `${(100 * coverage80).toFixed(1)} / ${(100 * coverage95).toFixed(1)}`] as const
  })
  return {
    model,
    'relative CRPS': mean(pooled(crps, model, true)).toFixed(5),
    NLL: mean(pooled(nll, model, false)).toFixed(4),
    ...Object.fromEntries([...tests, ...kinds]),
  }
})
console.log(`${horizon} session(s) ahead, seed ${seed}; t of Diebold–Mariano tests, pooled`)
console.table(rows)
const own = backtests.map((backtest, i) => {
  const against = (benchmark: string) => {
    const [a, b] = [crps[i]?.combination, crps[i]?.[benchmark]]
    return a && b ? dieboldMariano(a, b, { horizon }).t?.toFixed(2) : undefined
  }
  const points = (model: string) => (1e4 * mean(crps[i]?.[model] ?? new Float64Array())).toFixed(2)
  const scores = Object.fromEntries(MODELS.map((model) => [model, points(model)]))
  return {
    symbol: backtest.symbol,
    days: backtest.date.length,
    ...scores,
    't vs har': against('har'),
  }
})
console.table(own)
