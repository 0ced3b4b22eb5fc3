/** Keeps what became of a trial: a run nested in the search's, and a line in the trial ledger. */
import type { ForecasterSpec } from '../../forecast/forecaster.ts'
import { recordTrial } from '../../registry/trial-ledger.ts'
import type { Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { createRecipe, recipeDigest } from '../recipe.ts'
import { withChildRun } from '../run-scope.ts'
import { recipeParams } from '../training-log.ts'
import type { Search } from './tune-model.ts'
import type { FoldOutcome, TuningCheckpoint } from './tuning-checkpoint.ts'

export interface DecidedTrial {
  readonly run: Run
  readonly trial: number
  /** After each round that it took part in. */
  readonly losses: readonly number[]
  readonly outcomes: TuningCheckpoint
}

/** Every setting counts as an attempt on the days that it was judged on, good or bad. */
export async function recordTuningTrial(
  app: Application,
  search: Search,
  { run, trial, losses, outcomes }: DecidedTrial,
): Promise<void> {
  const { symbol, specs, bars, request } = search
  const { horizon, seed } = request.config
  const spec = specs[trial] as ForecasterSpec
  const panel = bars.map((one) => one.symbol)
  const recipe = createRecipe({ spec, symbol, panel, horizon, seed })
  const timestampMs = app.clock()
  const scope = {
    name: trial === 0 ? 'as configured' : `trial ${trial}`,
    params: recipeParams(recipe),
    tags: { 'tickerflow.symbol': symbol, 'tickerflow.kind': 'tuning-trial' },
  }
  await withChildRun(app, run, scope, async (child) => {
    const metrics = losses.map((value, step) => ({
      key: 'relative_crps',
      value,
      timestampMs,
      step,
    }))
    await app.tracking.logBatch(child.id, { metrics })
  })
  for (const judged of search.judged) {
    const days = daysOf(search, outcomes, { trial, symbol: judged })
    if (days.date.length === 0) continue
    recordTrial(app.database, {
      symbol: judged,
      dataDigest: bars.find((one) => one.symbol === judged)?.digest ?? '',
      recipe: recipeDigest({ ...recipe, symbol: judged }),
      model: recipe.model,
      role: 'candidate',
      horizon,
      ...days,
      atMs: timestampMs,
    })
  }
}

export interface TrialDays {
  readonly date: Int32Array
  readonly losses: Float64Array
  readonly returns: Float64Array
}

/** A trial's days of a symbol over all folds that it was judged on, in time order. */
export function daysOf(
  search: Pick<Search, 'folds'>,
  outcomes: TuningCheckpoint,
  { trial, symbol }: { readonly trial: number; readonly symbol: string },
): TrialDays {
  const parts = search.folds
    .map((_, fold) => outcomes.get(trial, fold)?.find((one) => one.symbol === symbol))
    .filter((part): part is FoldOutcome[number] => part !== undefined)
    .toReversed()
  return {
    date: Int32Array.from(parts.flatMap(({ date }) => date)),
    losses: Float64Array.from(parts.flatMap(({ losses }) => losses)),
    returns: Float64Array.from(parts.flatMap(({ returns }) => returns)),
  }
}
