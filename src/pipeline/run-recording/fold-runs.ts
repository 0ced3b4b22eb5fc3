/** A nested run for each fold of a backtest: its spans, its scores, its training curves. */
import type { Backtest } from '../../evaluation/backtest.ts'
import type { FoldTraining } from '../../evaluation/walk-forward.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { Run, StringMap } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import type { Evaluation } from '../evaluate.ts'
import { withChildRun } from '../run-scope.ts'
import { epochMetrics, scoreMetrics } from '../training-log.ts'
import { type FoldScores, foldScores } from './fold-scores.ts'

export async function recordFoldRuns(
  app: Application,
  parent: Run,
  { backtests, training }: Pick<Evaluation, 'backtests' | 'training'>,
): Promise<void> {
  for (const backtest of backtests) {
    for (const fold of foldScores(backtest)) {
      await recordFold(app, parent, { backtest, fold, training })
    }
  }
}

interface FoldRecord {
  readonly backtest: Backtest
  readonly fold: FoldScores
  readonly training: readonly FoldTraining[]
}

async function recordFold(
  app: Application,
  parent: Run,
  { backtest, fold, training }: FoldRecord,
): Promise<void> {
  const { span, index, scores } = fold
  const name = `${backtest.symbol} fold ${formatDay(span.testFrom)} to ${formatDay(span.testTo)}`
  const tags = { 'tickerflow.symbol': backtest.symbol, 'tickerflow.fold': String(index) }
  const nowMs = app.clock()
  const curves = training
    .filter((one) => one.fold.testFrom === span.testFrom)
    .flatMap(({ model, events }) => epochMetrics(model, events, nowMs))
  await withChildRun(app, parent, { name, tags }, (run) =>
    app.tracking.logBatch(run.id, {
      params: spanParams(fold),
      metrics: [...scoreMetrics(scores, nowMs), ...curves],
    }),
  )
}

function spanParams({ index, span }: FoldScores): StringMap {
  return {
    fold: String(index),
    train_from: formatDay(span.trainFrom),
    train_to: formatDay(span.trainTo),
    test_from: formatDay(span.testFrom),
    test_to: formatDay(span.testTo),
  }
}
