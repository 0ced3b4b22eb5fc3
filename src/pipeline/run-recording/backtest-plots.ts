/** Draws a backtest while something else works: the drawing needs a second, and nothing but scores. */
import type { Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { type Evaluation, ownEvaluation } from '../evaluate.ts'
import type { Preparation } from '../preparation.ts'

export async function drawBacktest(
  app: Application,
  { symbol, recipe }: Preparation,
  { run, evaluation }: { readonly run: Run; readonly evaluation: Evaluation },
): Promise<void> {
  // Loaded here because charting is heavy and most commands draw nothing.
  const [{ backtestPlots }, { writePlots }] = await Promise.all([
    import('../../evaluation/report/plots.ts'),
    import('./plot-files.ts'),
  ])
  const { backtest, judgement } = ownEvaluation(evaluation)
  const { scores, losses, pit } = judgement
  const input = { symbol, backtest, scores, losses, pit, candidate: recipe.model }
  await writePlots(app.tracking, run.id, backtestPlots(input))
}
