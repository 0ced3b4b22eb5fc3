/** Walk-forward evaluation as the commands run it: spans from the configuration, work on all cores. */
import type { Config } from '../config.ts'
import type { Backtest } from '../evaluation/backtest.ts'
import { planFolds } from '../evaluation/folds.ts'
import { type Judgement, judge } from '../evaluation/judgement.ts'
import {
  planTasks,
  type WalkForward,
  type WalkForwardProgress,
  type WalkForwardResult,
  walkForward,
} from '../evaluation/walk-forward.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import type { Application } from './application.ts'
import { evaluationSpan } from './evaluation-span.ts'
import type { BarRows } from './fits/fit-message.ts'
import { openQueuedFits } from './fits/queued-fits.ts'
import { type FoldCheckpoints, openFoldCheckpoints } from './fold-checkpoints.ts'
import { type Countdown, createCountdown, progressBar, type Report } from './progress.ts'

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
  /** What the frames were built from, where the queue is to do the fits; left out, this process does. */
  readonly bars?: readonly BarRows[] | undefined
  /** Takes over forgetting the finished folds, for whoever goes on with other horizons. */
  readonly onFinished?: (forgetFolds: () => Promise<void>) => void
  readonly report: Report
  readonly signal?: AbortSignal | undefined
}

export async function evaluate(app: Application, request: EvaluationRequest): Promise<Evaluation> {
  const { config, frames, symbols, models, onFinished, report, signal } = request
  const countdown = createCountdown(app.stopwatch)
  let resumed = 0
  const plan = { frames, symbols, models, folds: foldsOf(config, frames), ...common(config) }
  const checkpoints = app.keptFolds ?? (await openFits(app, request, plan))
  const options = {
    execute: checkpoints.execute,
    onProgress: (progress: WalkForwardProgress) => {
      resumed = progress.resumed
      report(spokenProgress(progress, countdown))
    },
    ...(signal === undefined ? {} : { signal }),
  }
  const result = await walkForward(plan, options).finally(checkpoints.settle)
  if (onFinished === undefined) await checkpoints.clear()
  else onFinished(checkpoints.clear)
  const judgements = result.backtests.map((backtest: Backtest) => judge(backtest))
  const folds = spokenFolds(result.backtests[0]?.folds.length ?? 0)
  const before = resumed === 0 ? '' : `; ${resumed} fits had been done before`
  report(`${result.backtests.map(daysOf).join(', ')} in ${folds}${before}`)
  return { ...result, judgements }
}

async function openFits(
  app: Application,
  { bars, report }: EvaluationRequest,
  plan: WalkForward,
): Promise<FoldCheckpoints> {
  if (bars === undefined) return await openFoldCheckpoints(app.directory, app.pool.executeFold)
  return await openQueuedFits(app, { tasks: planTasks(plan), bars, report })
}

/** `[=====     ] 12 of 48 fits, 4 of them done before, about 20 s left` */
function spokenProgress(progress: WalkForwardProgress, countdown: Countdown): string {
  const { done, total, fraction, resumed, resumedFraction } = progress
  const before = resumed === 0 ? '' : `, ${resumed} of them done before`
  const left = countdown(fraction, resumedFraction)
  return `${progressBar(fraction)} ${done} of ${total} fits${before}${left}`
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
