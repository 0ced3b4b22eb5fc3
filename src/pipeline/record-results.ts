/** Logs a judged and fitted recipe to its run. */
import type { Backtest } from '../evaluation/backtest.ts'
import type { Judgement } from '../evaluation/judgement.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Metric, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { backtestCsv } from './backtest-csv.ts'
import { type Evaluation, ownEvaluation } from './evaluate.ts'
import { type FinalFits, warmStartTags } from './final-fit.ts'
import type { Preparation } from './preparation.ts'
import { scoresDocument } from './run-document.ts'
import { calibrationRows, mlflowTable, tableTag } from './run-recording/calibration-table.ts'
import { engineTags } from './run-recording/engine-tags.ts'
import { recordFoldRuns } from './run-recording/fold-runs.ts'
import { epochMetrics, foldMetrics, scoreMetrics } from './training-log.ts'

export interface Results {
  readonly run: Run
  readonly evaluation: Evaluation
  readonly final: FinalFits
  /** Of the further horizons, in the recipe's order. */
  readonly furtherEvaluations?: readonly Evaluation[]
}

export async function recordResults(
  app: Application,
  given: Preparation,
  { run, evaluation, final, furtherEvaluations = [] }: Results,
): Promise<void> {
  const nowMs = app.clock()
  const { backtests } = evaluation
  await app.tracking.logBatch(run.id, {
    metrics: [
      ...evaluationMetrics(evaluation, nowMs),
      ...finalMetrics(final, nowMs),
      ...furtherEvaluations.flatMap((further) => furtherMetrics(further, nowMs)),
    ],
    params: { trained_to: formatDay(given.frame.date.at(-1) ?? 0) },
    tags: {
      ...engineTags(final.saved),
      ...warmStartTags(final),
      ...tableTag(backtests.map((backtest) => `${folderOf(backtest)}/calibration.json`)),
    },
  })
  await recordFoldRuns(app, run, evaluation)
  for (const [i, backtest] of backtests.entries()) {
    const judgement = evaluation.judgements[i]
    if (judgement !== undefined) await writeBacktest(app, run, { backtest, judgement })
  }
  for (const further of furtherEvaluations) {
    const { backtest, judgement } = ownEvaluation(further)
    const folder = `${folderOf(backtest)}/horizon-${backtest.horizon}`
    await writeBacktest(app, run, { backtest, judgement, folder })
  }
}

/** Losses by epoch of the last fit: `final.seed0.trainLoss`, `final-h5.seed0.trainLoss`, … */
export function finalMetrics(final: FinalFits, nowMs: number): Metric[] {
  return [
    ...epochMetrics(finalPrefix(), final.training, nowMs),
    ...final.further.flatMap(({ saved, training }) =>
      epochMetrics(finalPrefix(saved.horizon), training, nowMs),
    ),
  ]
}

/** @param horizon A further one. */
export function finalPrefix(horizon?: number): string {
  return horizon === undefined ? 'final' : `final-h${horizon}`
}

/** `h5.har.crps` and so on. */
function furtherMetrics(further: Evaluation, nowMs: number): Metric[] {
  const { backtest, judgement } = ownEvaluation(further)
  const metrics = scoreMetrics(scoresDocument(judgement), nowMs)
  return metrics.map((metric) => ({ ...metric, key: `h${backtest.horizon}.${metric.key}` }))
}

function folderOf({ symbol }: Backtest): string {
  return `backtest/${symbol}`
}

interface RecordedBacktest {
  readonly backtest: Backtest
  readonly judgement: Judgement
  readonly folder?: string
}

async function writeBacktest(
  { tracking }: Application,
  run: Run,
  { backtest, judgement, folder = folderOf(backtest) }: RecordedBacktest,
): Promise<void> {
  const { tests } = judgement
  const summary = { scores: scoresDocument(judgement), tests }
  const files = {
    'forecasts.csv': backtestCsv(backtest),
    'scores.json': `${JSON.stringify(summary, null, 2)}\n`,
    'calibration.json': mlflowTable(calibrationRows(judgement)),
  }
  for (const [name, content] of Object.entries(files)) {
    await tracking.writeArtifact(run.id, `${folder}/${name}`, content)
  }
}

function evaluationMetrics({ backtests, judgements }: Evaluation, nowMs: number): Metric[] {
  return backtests.flatMap((backtest, i) => {
    const judgement = judgements[i]
    if (judgement === undefined) return []
    return [
      ...scoreMetrics(scoresDocument(judgement), nowMs),
      ...foldMetrics(backtest, judgement.losses, nowMs),
    ]
  })
}
