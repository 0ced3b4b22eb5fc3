/** Judges a candidate walk-forward on each of its horizons, and enters that in the trial ledger. */
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import type { Application } from './application.ts'
import { rivalOf } from './champion.ts'
import { configuredModels } from './configured-models.ts'
import { type Evaluation, evaluate, ownEvaluation } from './evaluate.ts'
import { rowsOf } from './fits/fit-message.ts'
import type { Preparation } from './preparation.ts'
import type { Report } from './progress.ts'
import { recipeAt } from './recipe.ts'
import { recordTrials } from './trials.ts'

/** An evaluation of each horizon, the own one first; the folds of all are kept until the end. */
export async function judgeHorizons(
  app: Application,
  given: Preparation,
  report: Report,
): Promise<[Evaluation, ...Evaluation[]]> {
  const { frames, symbol, signal, recipe, panel } = given
  // On one machine a run's own threads do its fits; several have a queue to share them by.
  const bars = app.queue.isLocal ? undefined : panel.map((checked) => rowsOf(checked.bars))
  const { furtherHorizons = [] } = recipe
  const finished: (() => Promise<void>)[] = []
  const onFinished = (forgetFolds: () => Promise<void>) => void finished.push(forgetFolds)
  const judgeAt = async (horizon: number) => {
    const config = { ...given.config, horizon }
    const models = judgedModels(given, horizon)
    const common = { config, frames, symbols: [symbol], models, bars, onFinished, signal }
    const spoken = (note: string) =>
      report(furtherHorizons.length === 0 ? note : `${horizon} ahead: ${note}`)
    return await evaluate(app, { ...common, report: spoken })
  }
  const own = await judgeAt(recipe.horizon)
  const further: Evaluation[] = []
  for (const horizon of furtherHorizons) further.push(await judgeAt(horizon))
  await Promise.all(finished.map((forgetFolds) => forgetFolds()))
  return [own, ...further]
}

/** What is judged beside each other on a horizon: the configured models, and what is live. */
export function judgedModels(
  { config, live, recipe }: Preparation,
  horizon: number,
): ForecasterSpec[] {
  const rival = rivalOf(live, recipeAt(recipe, horizon))
  return [...configuredModels(config), ...(rival === undefined ? [] : [rival])]
}

/** What the trial ledger says of the choice of this recipe, once it has been entered there. */
export function selectionOf(
  app: Application,
  given: Preparation,
  evaluation: Evaluation,
): SelectionEvidence {
  const { config, panel, symbol, recipe } = given
  const models = judgedModels(given, ownEvaluation(evaluation).backtest.horizon)
  const evaluated = { config, panel, models, evaluation, candidate: recipe.model }
  const selection = recordTrials(app, evaluated)[symbol]
  if (selection === undefined) throw new RangeError(`No backtest of ${symbol} was recorded`)
  return selection
}
