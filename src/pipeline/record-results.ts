/** Logs a judged and fitted recipe to its run. */
import type { Backtest } from '../evaluation/backtest.ts'
import type { Judgement } from '../evaluation/judgement.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Metric, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { backtestCsv } from './backtest-csv.ts'
import type { Evaluation } from './evaluate.ts'
import type { FinalFit } from './final-fit.ts'
import type { Preparation } from './preparation.ts'
import { scoresDocument } from './run-document.ts'
import { calibrationRows, mlflowTable, tableTag } from './run-recording/calibration-table.ts'
import { engineTags } from './run-recording/engine-tags.ts'
import { recordFoldRuns } from './run-recording/fold-runs.ts'
import { epochMetrics, foldMetrics, scoreMetrics } from './training-log.ts'

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
  const { backtests } = evaluation
  await app.tracking.logBatch(run.id, {
    metrics: [
      ...evaluationMetrics(evaluation, nowMs),
      ...epochMetrics('final', final.training, nowMs),
    ],
    params: { trained_to: formatDay(given.frame.date.at(-1) ?? 0) },
    tags: {
      ...engineTags(final.saved),
      ...tableTag(backtests.map((backtest) => `${folderOf(backtest)}/calibration.json`)),
    },
  })
  await recordFoldRuns(app, run, evaluation)
  for (const [i, backtest] of backtests.entries()) {
    const judgement = evaluation.judgements[i]
    if (judgement !== undefined) await writeBacktest(app, run, { backtest, judgement })
  }
}

function folderOf({ symbol }: Backtest): string {
  return `backtest/${symbol}`
}

async function writeBacktest(
  { tracking }: Application,
  run: Run,
  { backtest, judgement }: { readonly backtest: Backtest; readonly judgement: Judgement },
): Promise<void> {
  const { tests } = judgement
  const summary = { scores: scoresDocument(judgement), tests }
  const files = {
    'forecasts.csv': backtestCsv(backtest),
    'scores.json': `${JSON.stringify(summary, null, 2)}\n`,
    'calibration.json': mlflowTable(calibrationRows(judgement)),
  }
  for (const [name, content] of Object.entries(files)) {
    await tracking.writeArtifact(run.id, `${folderOf(backtest)}/${name}`, content)
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
