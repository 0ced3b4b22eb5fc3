/** Everything that is said about a backtest: scores, tests of skill, and the losses behind them. */
import type { Backtest, ForecastTrack, Scores, TestResult } from './backtest.ts'
import { type CalibrationTests, calibrationTests } from './calibration-tests.ts'
import { crpsLosses, pitValues, scoreTrack } from './scores.ts'
import { dieboldMariano } from './skill/diebold-mariano.ts'

/** Tests of a model; those of calibration only where one symbol is judged. */
export type ModelTests = SkillTests & Partial<CalibrationTests>

export interface SkillTests {
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
  const pit = byModel(backtest, (track) => pitValues(backtest, track))
  const skill = testsAgainst(losses, backtest.horizon)
  const tests = byModel(backtest, (track) => ({
    ...(skill[track.model] as SkillTests),
    ...calibrationTests(backtest, track, pit[track.model] as Float64Array),
  }))
  return {
    scores: byModel(backtest, (track) => scoreTrack(backtest, track)),
    tests,
    losses,
    pit,
  }
}

/** Diebold–Mariano tests of every model against each benchmark that is there, itself excepted. */
export function testsAgainst(
  losses: Readonly<Record<string, Float64Array>>,
  horizon: number,
): Readonly<Record<string, SkillTests>> {
  const against = (model: string, benchmark: string): TestResult => {
    const [own, other] = [losses[model], losses[benchmark]]
    if (own === undefined || other === undefined || model === benchmark) return { t: null, p: null }
    return dieboldMariano(own, other, { horizon })
  }
  const tests = Object.keys(losses).map((model) => [
    model,
    {
      dmVsNaive: against(model, 'naive'),
      dmVsEwma: against(model, 'ewma'),
      dmVsHar: against(model, 'har'),
    },
  ])
  return Object.fromEntries(tests)
}

function byModel<T>(
  backtest: Backtest,
  compute: (track: ForecastTrack) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(backtest.tracks.map((track) => [track.model, compute(track)]))
}
