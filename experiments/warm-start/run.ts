/**
 * Judges warm starts of the LSTM beside the cold one on the sample, 2005 to 2012: each fold goes on from
 * the fold before for some epochs, instead of beginning anew.
 *
 *     node experiments/warm-start/run.ts [refit] [seed]
 */
import { planFolds } from '../../src/evaluation/folds.ts'
import { judge } from '../../src/evaluation/judgement.ts'
import { dieboldMariano } from '../../src/evaluation/skill/diebold-mariano.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { createTaskPool } from '../../src/pipeline/task-pool.ts'

const COLD = 'cold'
const warm = (epochs: number) => ({
  name: 'lstm',
  label: `warm ${epochs}`,
  options: { warmStartEpochs: epochs },
})
const models = [
  { name: 'naive' },
  { name: 'har' },
  { name: 'lstm', label: COLD },
  ...[1, 3, 6].map(warm),
]
const [refit = 'yearly', seed = '7'] = process.argv.slice(2)
if (refit !== 'yearly' && refit !== 'monthly') throw new Error(`Not a refit: ${refit}`)

const symbols = [...SAMPLE_SYMBOLS]
const frames = (await Promise.all(symbols.map(readSampleBars))).map((bars) =>
  buildFeatureFrame(bars),
)
const date = frames[0]?.date ?? new Int32Array()
const [from, to] = [parseIsoDate('2005-01-01') ?? 0, parseIsoDate('2012-12-31') ?? 0]
const folds = planFolds({ date, from, to, refit })
const pool = createTaskPool()
const { backtests, training } = await walkForward(
  { frames, symbols, models, folds, horizon: 1, seed: Number(seed) },
  { execute: pool.executeFold },
)
await pool.close()
const losses = backtests.map((backtest) => judge(backtest).losses)

/** Each day's mean over the symbols, in units of the naive forecast's mean. */
function pooled(model: string): Float64Array {
  const days = new Map<number, { total: number; count: number }>()
  backtests.forEach((backtest, i) => {
    const naive = losses[i]?.naive ?? new Float64Array()
    const unit = naive.reduce((sum, loss) => sum + loss, 0) / naive.length
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

/**
 * Passes over the training windows that a model's folds took together: those of the search, and those
 * of the fit anew that follows it, as many as its best epoch.
 */
function epochsOf(model: string): number {
  const own = training.filter((one) => one.model === model)
  return own.reduce((sum, { events, fold }) => {
    const best = new Map<number, { loss: number; epoch: number }>()
    for (const { member, epoch, validationLoss: loss } of events) {
      if (loss < (best.get(member)?.loss ?? Infinity)) best.set(member, { loss, epoch })
    }
    const isCold = model === COLD || fold.testFrom === folds[0]?.testFrom
    const again = isCold ? [...best.values()].reduce((total, { epoch }) => total + epoch, 0) : 0
    return sum + events.length + again
  }, 0)
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
const cold = pooled(COLD)
const rows = models.map((spec) => {
  const model = 'label' in spec ? spec.label : spec.name
  const own = pooled(model)
  const t = (benchmark: Float64Array) =>
    dieboldMariano(own, benchmark, { horizon: 1 }).t?.toFixed(2) ?? '–'
  const crps = losses.map((of) => (1e4 * mean(of[model] ?? new Float64Array())).toFixed(2))
  return {
    model,
    'relative CRPS': mean(own).toFixed(5),
    't vs cold': model === COLD ? '–' : t(cold),
    't vs har': model === 'har' ? '–' : t(pooled('har')),
    ...Object.fromEntries(crps.map((points, i) => [symbols[i] ?? i, points])),
    epochs: epochsOf(model),
  }
})
console.log(
  `Refitted ${refit}, ${folds.length} folds, seed ${seed}; CRPS by symbol in basis points`,
)
console.table(rows)
