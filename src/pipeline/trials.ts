/** Enters what was evaluated in the trial ledger, and reads back what it says about a choice. */
import type { Config } from '../config.ts'
import type { Backtest, ForecastTrack } from '../evaluation/backtest.ts'
import { edgeReturns } from '../evaluation/selection/edge-strategy.ts'
import {
  type SelectionEvidence,
  selectionEvidence,
} from '../evaluation/selection/selection-evidence.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { createRandom } from '../numerics/random.ts'
import { candidatesTriedOn, recordTrial, type Trial } from '../registry/trial-ledger.ts'
import type { Application } from './application.ts'
import { CHAMPION_LABEL } from './champion.ts'
import type { Evaluation } from './evaluate.ts'
import type { CheckedBars } from './market-data.ts'
import { createRecipe, recipeDigest } from './recipe.ts'

/** Models that are there to be beaten; with options of their own they are candidates too. */
const BENCHMARKS: readonly string[] = ['naive', 'drift', 'ewma', 'garch', 'har']

export interface Evaluated {
  readonly config: Config
  /** Of all frames that were learnt from. */
  readonly panel: readonly CheckedBars[]
  readonly models: readonly ForecasterSpec[]
  readonly evaluation: Evaluation
  /** The model that the evaluation is about: the first trial of several. */
  readonly candidate: string
}

/**
 * Records every model of every judged symbol, and says how much luck is in the candidate.
 *
 * @returns By symbol; symbols whose backtest lacks the candidate are left out.
 */
export function recordTrials(
  app: Application,
  evaluated: Evaluated,
): Readonly<Record<string, SelectionEvidence>> {
  const entries = evaluated.evaluation.backtests.flatMap((backtest, i) => {
    const trials = trialsOfBacktest(app, evaluated, { backtest, i })
    const numbered = trials.map((trial) => ({ trial, number: recordTrial(app.database, trial) }))
    const own = numbered.find(({ trial }) => trial.model === evaluated.candidate)
    if (own === undefined) return []
    const losses = evaluated.evaluation.judgements[i]?.losses ?? {}
    const { outcome, symbol } = backtest
    const { seed } = evaluated.config
    return [[symbol, evidenceOf(app, own, { losses, outcome, seed })] as const]
  })
  return Object.fromEntries(entries)
}

function trialsOfBacktest(
  app: Application,
  evaluated: Evaluated,
  { backtest, i }: { readonly backtest: Backtest; readonly i: number },
): readonly Trial[] {
  const { models, evaluation, candidate } = evaluated
  const atMs = app.clock()
  const trials = models.flatMap((spec) => {
    const label = spec.label ?? spec.name
    const track = backtest.tracks.find(({ model }) => model === label)
    const losses = evaluation.judgements[i]?.losses[label]
    if (track === undefined || losses === undefined) return []
    return [trialOf(evaluated, { backtest, track, losses, spec, atMs })]
  })
  return trials.toSorted((a, b) => Number(b.model === candidate) - Number(a.model === candidate))
}

interface TrialParts {
  readonly backtest: Backtest
  readonly track: ForecastTrack
  readonly losses: Float64Array
  readonly spec: ForecasterSpec
  readonly atMs: number
}

function trialOf({ config, panel, candidate }: Evaluated, parts: TrialParts): Trial {
  const { backtest, track, losses, spec, atMs } = parts
  const { symbol, horizon, date } = backtest
  const symbols = panel.map(({ bars }) => bars.symbol)
  const recipe = createRecipe({
    spec,
    symbol,
    panel: symbols,
    horizon,
    seed: spec.seed ?? config.seed,
  })
  const benchmark =
    track.model !== candidate &&
    (track.model === CHAMPION_LABEL ||
      (BENCHMARKS.includes(spec.name) && spec.options === undefined))
  return {
    symbol,
    dataDigest: panel.find(({ bars }) => bars.symbol === symbol)?.bars.digest ?? '',
    recipe: recipeDigest(recipe),
    model: track.model,
    role: benchmark ? 'benchmark' : 'candidate',
    horizon,
    date,
    losses,
    returns: edgeReturns(backtest, track),
    atMs,
  }
}

interface Compared {
  readonly losses: Readonly<Record<string, Float64Array>>
  readonly outcome: Float64Array
  readonly seed: number
}

function evidenceOf(
  app: Application,
  { trial, number }: { readonly trial: Trial; readonly number: number },
  compared: Compared,
): SelectionEvidence {
  const { symbol, horizon, date } = trial
  const [firstDay = 0, lastDay = 0] = [date[0], date.at(-1)]
  return selectionEvidence({
    horizon,
    candidate: trial,
    tried: candidatesTriedOn(app.database, { symbol, horizon, firstDay, lastDay }),
    trial: number,
    losses: compared.losses,
    outcome: compared.outcome,
    random: createRandom(compared.seed).fork('selection'),
  })
}
