/** Writes the HTML report of a run, and the plots that belong to it, as artifacts. */
import type { ReportInput } from '../evaluation/report/report-input.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Application } from './application.ts'
import { ownEvaluation } from './evaluate.ts'
import type { LifecycleOutcome } from './lifecycle.ts'
import type { ForecastAnswer } from './next-forecast.ts'
import type { Preparation } from './preparation.ts'
import { recipeDigest } from './recipe.ts'
import type { RunDocument } from './run-document.ts'
import { recipeParams } from './training-log.ts'

const REPORT_PATH = 'report.html'

export interface ReportSource extends LifecycleOutcome {
  readonly answer: ForecastAnswer
  readonly document: Omit<RunDocument, 'report' | 'durationMs'>
}

/** @returns Where a person finds it. */
export async function writeReport(
  app: Application,
  given: Preparation,
  source: ReportSource,
): Promise<string> {
  // Loaded here because charting is heavy and most commands draw nothing.
  const { renderReport } = await import('../evaluation/report/report.ts')
  const { backtest, judgement } = ownEvaluation(source.evaluation)
  const { symbol, own, recipe } = given
  const { data, asOf, historical, gate, version, run, forecast } = source.document
  const input: ReportInput = {
    title: `${symbol}: ${spokenHorizon(recipe.horizon)} forecast`,
    symbol,
    asOf,
    historical,
    data,
    backtest,
    ...judgement,
    candidate: recipe.model,
    gate,
    selection: source.selection,
    version,
    forecast: { ...forecast, distribution: source.answer.forecast.distribution },
    recentBars: { date: own.bars.date, close: own.bars.close },
    run,
    settings: {
      ...recipeParams(recipe),
      'recipe digest': recipeDigest(recipe),
      'last session': formatDay(own.bars.date.at(-1) ?? 0),
    },
  }
  await app.tracking.writeArtifact(source.run.id, REPORT_PATH, renderReport(input))
  await drawPlots(app, source, input)
  return app.artifactPlace(source.run, REPORT_PATH)
}

/** Those that need more than the backtest; the others have been drawn before. */
async function drawPlots(
  app: Application,
  { run, final }: ReportSource,
  input: ReportInput,
): Promise<void> {
  const [{ learningPlot, pricePlot }, { writePlots }] = await Promise.all([
    import('../evaluation/report/plots.ts'),
    import('./run-recording/plot-files.ts'),
  ])
  const learning = learningPlot(`${input.symbol}: the final training`, final.training)
  await writePlots(app.tracking, run.id, [...pricePlot(input), ...learning])
}

function spokenHorizon(horizon: number): string {
  return horizon === 1 ? 'next-session' : `${horizon}-session`
}
