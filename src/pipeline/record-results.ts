/** Logs a judged and fitted recipe to its run. */
import { formatDay } from '../market/trading-date.ts'
import type { Metric, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { backtestCsv } from './backtest-csv.ts'
import type { Evaluation } from './evaluate.ts'
import type { FinalFit } from './final-fit.ts'
import type { Preparation } from './preparation.ts'
import { scoresDocument } from './run-document.ts'
import {
  barsInput,
  epochMetrics,
  foldMetrics,
  scoreMetrics,
  trainingMetrics,
} from './training-log.ts'

export interface Results {
  readonly run: Run
  readonly evaluation: Evaluation
  readonly final: FinalFit
}

export async function recordResults(
  app: Application,
  given: Preparation,
  { run, evaluation, final }: Results,
): Promise<void> {
  const nowMs = app.clock()
  const { tracking } = app
  await tracking.logInputs(
    run.id,
    given.panel.map(({ bars }) => barsInput(bars)),
  )
  await tracking.logBatch(run.id, {
    metrics: [
      ...evaluationMetrics(evaluation, nowMs),
      ...epochMetrics('final', final.training, nowMs),
    ],
    params: { trained_to: formatDay(given.frame.date.at(-1) ?? 0) },
  })
  for (const [i, backtest] of evaluation.backtests.entries()) {
    const judgement = evaluation.judgements[i]
    if (judgement === undefined) continue
    const folder = `backtest/${backtest.symbol}`
    await tracking.writeArtifact(run.id, `${folder}/forecasts.csv`, backtestCsv(backtest))
    const { tests } = judgement
    const summary = { scores: scoresDocument(judgement), tests }
    await tracking.writeArtifact(
      run.id,
      `${folder}/scores.json`,
      `${JSON.stringify(summary, null, 2)}\n`,
    )
  }
}

function evaluationMetrics(evaluation: Evaluation, nowMs: number): Metric[] {
  const perSymbol = evaluation.backtests.flatMap((backtest, i) => {
    const judgement = evaluation.judgements[i]
    if (judgement === undefined) return []
    return [
      ...scoreMetrics(scoresDocument(judgement), nowMs),
      ...foldMetrics(backtest, judgement.losses, nowMs),
    ]
  })
  return [...perSymbol, ...trainingMetrics(evaluation.training, nowMs)]
}
