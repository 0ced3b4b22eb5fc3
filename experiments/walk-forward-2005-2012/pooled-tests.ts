/**
 * The LSTM against every classical model over the sample's four symbols together, on CRPS and on the
 * negative log-likelihood, for several seeds of the ensemble.
 *
 *     node experiments/walk-forward-2005-2012/pooled-tests.ts 7 1 2 3 4
 */
import type { Backtest, ForecastTrack } from '../../src/evaluation/backtest.ts'
import { planFolds } from '../../src/evaluation/folds.ts'
import { crpsLosses, nllLosses, pitValues } from '../../src/evaluation/scores.ts'
import { dieboldMariano } from '../../src/evaluation/skill/diebold-mariano.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { createTaskPool } from '../../src/pipeline/task-pool.ts'

const BENCHMARKS = ['ewma', 'garch', 'har'] as const
const seeds = process.argv.slice(2).map(Number)

const bars = await Promise.all(SAMPLE_SYMBOLS.map((symbol) => readSampleBars(symbol)))
const frames = bars.map((one) => buildFeatureFrame(one))
const date = frames[0]?.date ?? new Int32Array()
const [from, to] = [parseIsoDate('2005-01-01') ?? 0, parseIsoDate('2012-12-31') ?? 0]
const pool = createTaskPool()

for (const seed of seeds.length > 0 ? seeds : [7]) {
  const { backtests } = await walkForward(
    {
      frames,
      symbols: [...SAMPLE_SYMBOLS],
      models: [...BENCHMARKS, 'lstm'].map((name) => ({ name })),
      folds: planFolds({ date, from, to, refit: 'yearly' }),
      horizon: 1,
      seed,
    },
    { execute: pool.executeFold },
  )
  report(seed, backtests)
}
await pool.close()

function report(seed: number, backtests: readonly Backtest[]): void {
  console.log(`seed ${seed}`)
  for (const model of [...BENCHMARKS, 'lstm']) {
    const each = backtests.map((backtest) => meansOf(backtest, trackOf(backtest, model)))
    const pooled = [0, 1].map((i) => mean(each.map((figures) => figures[i] ?? Number.NaN)))
    const figures = each.map(([crps = 0, nll = 0]) => `${crps.toFixed(2)} ${nll.toFixed(4)}`)
    const coverage = [0.8, 0.95].map((level) => coverageOf(backtests, model, level).toFixed(3))
    console.log(
      `  ${model.padEnd(6)} ${figures.join(' | ')} | together ${pooled[0]?.toFixed(2)} ` +
        `${pooled[1]?.toFixed(4)}, coverage ${coverage.join(' ')}, CRPS relative to EWMA ` +
        mean(dailyLosses(backtests, model, relativeCrps)).toFixed(4),
    )
  }
  for (const benchmark of BENCHMARKS) {
    const [crps, nll] = [relativeCrps, nllLosses].map((loss) => {
      const [own, other] = ['lstm', benchmark].map((model) => dailyLosses(backtests, model, loss))
      return dieboldMariano(own ?? new Float64Array(), other ?? new Float64Array(), { horizon: 1 })
    })
    const spoken = [crps, nll].map(
      (test) => `t ${test?.t?.toFixed(2)}, p ${test?.p?.toPrecision(2)}`,
    )
    console.log(`  lstm against ${benchmark}: CRPS ${spoken[0]}; NLL ${spoken[1]}`)
  }
}

type Loss = (backtest: Backtest, track: ForecastTrack) => Float64Array

/** CRPS of each day over EWMA's mean, so that no symbol counts more for being more volatile. */
function relativeCrps(backtest: Backtest, track: ForecastTrack): Float64Array {
  const unit = mean(crpsLosses(backtest, trackOf(backtest, 'ewma')))
  return crpsLosses(backtest, track).map((loss) => loss / unit)
}

/** Mean over the symbols of each day. */
function dailyLosses(backtests: readonly Backtest[], model: string, loss: Loss): Float64Array {
  const days = new Map<number, number[]>()
  for (const backtest of backtests) {
    const losses = loss(backtest, trackOf(backtest, model))
    backtest.date.forEach((day, row) => {
      days.set(day, [...(days.get(day) ?? []), losses[row] as number])
    })
  }
  return Float64Array.from(
    [...days].sort(([a], [b]) => a - b),
    ([, losses]) => mean(losses),
  )
}

function coverageOf(backtests: readonly Backtest[], model: string, level: number): number {
  return mean(
    backtests.map((backtest) => {
      const pit = pitValues(backtest, trackOf(backtest, model))
      return pit.filter((value) => Math.abs(value - 0.5) <= level / 2).length / pit.length
    }),
  )
}

/** Mean CRPS in basis points, and mean negative log-likelihood. */
function meansOf(backtest: Backtest, track: ForecastTrack): number[] {
  return [1e4 * mean(crpsLosses(backtest, track)), mean(nllLosses(backtest, track))]
}

function trackOf({ tracks }: Backtest, model: string): ForecastTrack {
  const track = tracks.find((candidate) => candidate.model === model)
  if (track === undefined) throw new RangeError(`No track of ${model}`)
  return track
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
}
