/** Walk-forward evaluation as the commands run it: spans from the configuration, work on all cores. */
import type { Config } from '../config.ts'
import type { Backtest } from '../evaluation/backtest.ts'
import { planFolds } from '../evaluation/folds.ts'
import { type Judgement, judge } from '../evaluation/judgement.ts'
import { type WalkForwardResult, walkForward } from '../evaluation/walk-forward.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import type { Application } from './application.ts'
import { evaluationSpan } from './evaluation-span.ts'
import { createCountdown, type Report } from './progress.ts'

export interface Evaluation extends WalkForwardResult {
  /** One per judged symbol, in step with `backtests`. */
  readonly judgements: readonly Judgement[]
}

export interface EvaluationRequest {
  readonly config: Config
  /** The first frame's sessions set the folds. */
  readonly frames: readonly FeatureFrame[]
  readonly symbols: readonly string[]
  readonly models: readonly ForecasterSpec[]
  readonly report: Report
  readonly signal?: AbortSignal | undefined
}

export async function evaluate(app: Application, request: EvaluationRequest): Promise<Evaluation> {
  const { config, frames, symbols, models, report, signal } = request
  const countdown = createCountdown(app.stopwatch)
  const result = await walkForward(
    { frames, symbols, models, folds: foldsOf(config, frames), ...common(config) },
    {
      execute: app.pool.executeFold,
      onProgress: ({ done, total, fraction }) =>
        report(`${done} of ${total} fits${countdown(fraction)}`),
      ...(signal === undefined ? {} : { signal }),
    },
  )
  const judgements = result.backtests.map((backtest: Backtest) => judge(backtest))
  report(
    `${result.backtests.map(daysOf).join(', ')} in ${spokenFolds(result.backtests[0]?.folds.length ?? 0)}`,
  )
  return { ...result, judgements }
}

function foldsOf(config: Config, frames: readonly FeatureFrame[]) {
  const { refit, rollingSessions, embargoSessions, from, to } = config.evaluation
  const date = frames[0]?.date ?? new Int32Array()
  const span = evaluationSpan(date, { from, to })
  const rolling = rollingSessions === undefined ? {} : { rollingSessions }
  return planFolds({ date, ...span, refit, embargoSessions, ...rolling })
}

function common({ horizon, seed }: Config) {
  return { horizon, seed }
}

function daysOf(backtest: Backtest): string {
  return `${backtest.date.length} test days of ${backtest.symbol}`
}

/** `1 fold`, `8 folds` */
export function spokenFolds(count: number): string {
  return `${count} ${count === 1 ? 'fold' : 'folds'}`
}

/** The first judged symbol's backtest and judgement. */
export function ownEvaluation(evaluation: Evaluation): {
  readonly backtest: Backtest
  readonly judgement: Judgement
} {
  const [backtest, judgement] = [evaluation.backtests[0], evaluation.judgements[0]]
  if (backtest === undefined || judgement === undefined) throw new RangeError('Nothing was judged')
  return { backtest, judgement }
}
