/** Everything that is said about a backtest: scores, tests of skill, and the losses behind them. */
import type { Backtest, ForecastTrack, Scores, TestResult } from './backtest.ts'
import { crpsLosses, pitValues, scoreTrack } from './scores.ts'
import { dieboldMariano } from './skill/diebold-mariano.ts'

export interface ModelTests {
  /** Negative t: the model's CRPS is lower than the benchmark's. One-sided p. */
  readonly dmVsNaive: TestResult
  readonly dmVsEwma: TestResult
  readonly dmVsHar: TestResult
}

export interface Judgement {
  readonly scores: Readonly<Record<string, Scores>>
  readonly tests: Readonly<Record<string, ModelTests>>
  /** CRPS of each day [n], by model. */
  readonly losses: Readonly<Record<string, Float64Array>>
  /** Probability integral transform of each outcome [n], by model. */
  readonly pit: Readonly<Record<string, Float64Array>>
}

/** Scores every model of a backtest and tests it against the benchmarks that are in it. */
export function judge(backtest: Backtest): Judgement {
  const losses = byModel(backtest, (track) => crpsLosses(backtest, track))
  const benchmark = (name: string, own: Float64Array) => {
    const losing = losses[name]
    if (losing === undefined || losing === own) return { t: null, p: null }
    return dieboldMariano(own, losing, { horizon: backtest.horizon })
  }
  const testsOf = (own: Float64Array): ModelTests => ({
    dmVsNaive: benchmark('naive', own),
    dmVsEwma: benchmark('ewma', own),
    dmVsHar: benchmark('har', own),
  })
  return {
    scores: byModel(backtest, (track) => scoreTrack(backtest, track)),
    tests: byModel(backtest, (track) => testsOf(losses[track.model] as Float64Array)),
    losses,
    pit: byModel(backtest, (track) => pitValues(backtest, track)),
  }
}

function byModel<T>(
  backtest: Backtest,
  compute: (track: ForecastTrack) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(backtest.tracks.map((track) => [track.model, compute(track)]))
}
