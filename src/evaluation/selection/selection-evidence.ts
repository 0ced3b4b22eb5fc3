/** What is known of the luck in a choice: of one recipe among many tried, of one model among several. */
import { expm1 } from '../../numerics/elementary.ts'
import type { Random } from '../../numerics/random.ts'
import { backtestOverfitting } from './backtest-overfitting.ts'
import { confidenceSet } from './confidence-set.ts'
import { DEFAULT_EDGE_STRATEGY, periodReturns } from './edge-strategy.ts'
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  probabilisticSharpe,
  sharpeRatio,
} from './sharpe-ratio.ts'
import { optimalBlockLength, stationaryBootstrap } from './stationary-bootstrap.ts'
import { type SuperiorAbility, superiorAbility } from './superior-ability.ts'

/** Daily results of one recipe, as the trial ledger keeps them. */
export interface TriedRecipe {
  readonly recipe: string
  /** Test days, ascending [n]. */
  readonly date: Int32Array
  /** CRPS [n]. */
  readonly losses: Float64Array
  /** Of the edge strategy [n]. */
  readonly returns: Float64Array
}

export interface SelectionCase {
  /** Sessions ahead. */
  readonly horizon: number
  readonly candidate: TriedRecipe
  /** The recipes tried on any of the candidate's days, the candidate among them or not. */
  readonly tried: readonly TriedRecipe[]
  /** Which of the trials the candidate was, from 1. */
  readonly trial: number
  /** CRPS of the models compared in this backtest, by name, each [n]. */
  readonly losses: Readonly<Record<string, Float64Array>>
  /** Log returns over the horizon that came true on the candidate's days [n]. */
  readonly outcome: Float64Array
  readonly random: Random
}

export interface StrategyEvidence {
  readonly fullAtEdge: number
  readonly costBasisPoints: number
  /** Holding periods, of one horizon each. */
  readonly periods: number
  /** Per year of 252 sessions; null where no position was ever taken. */
  readonly sharpe: number | null
  /** Per year, of holding the stock on the same days: a rule that always says "up" earns this. */
  readonly holdSharpe: number | null
  /** Probability that the true ratio is above zero. */
  readonly probabilisticSharpe: number | null
  /** Per year: what the best of so many recipes without skill would show. */
  readonly expectedMaximumSharpe: number
  /** Probability that the true ratio is above that. */
  readonly deflatedSharpe: number | null
}

export interface OverfittingEvidence {
  /** Recipes with results on all of the candidate's days. */
  readonly recipes: number
  readonly days: number
  /** Probability that the recipe chosen by CRPS on half of the days is below the median on the rest. */
  readonly byCrps: number
  /** The same for the Sharpe ratio of the strategy. */
  readonly bySharpe: number
}

export interface ComparisonEvidence {
  readonly benchmark: string
  readonly models: number
  /** Mean block length of the bootstrap, sessions. */
  readonly blockLength: number
  readonly replications: number
  /** p-values of Hansen's test that no model is better than the benchmark. */
  readonly superiorAbility: SuperiorAbility
  /** p-value of each model in the model confidence set. */
  readonly confidenceSet: Readonly<Record<string, number>>
  /** The models that hold the best one with 90 % confidence. */
  readonly members: readonly string[]
}

/** Plain JSON; null where there is too little to say anything. */
export interface SelectionEvidence {
  readonly trial: number
  /** Different recipes tried on these days, this one included. */
  readonly recipes: number
  readonly strategy: StrategyEvidence
  readonly overfitting: OverfittingEvidence | null
  readonly comparison: ComparisonEvidence | null
}

const SESSIONS_A_YEAR = 252
const BENCHMARK = 'naive'
const REPLICATIONS = 1000
const CONFIDENCE = 0.9
/** Fewer days than this say nothing about a choice. */
const FEWEST_DAYS = 64

export function selectionEvidence(input: SelectionCase): SelectionEvidence {
  const { candidate, trial } = input
  const recipes = latestByRecipe([...input.tried, candidate])
  return {
    trial,
    recipes: recipes.length,
    strategy: strategyEvidence(input, recipes),
    overfitting: overfittingEvidence(candidate, recipes),
    comparison: comparisonEvidence(input),
  }
}

/** A retrain of a recipe is no other recipe: its latest results count. */
function latestByRecipe(tried: readonly TriedRecipe[]): readonly TriedRecipe[] {
  return [...new Map(tried.map((one) => [one.recipe, one])).values()]
}

function strategyEvidence(
  { candidate, horizon, outcome }: SelectionCase,
  recipes: readonly TriedRecipe[],
): StrategyEvidence {
  const perYear = Math.sqrt(SESSIONS_A_YEAR / horizon)
  const own = periodReturns(candidate.returns, horizon)
  // A recipe that takes no position was tried all the same.
  const ratios = recipes.map(({ returns }) => sharpeRatio(periodReturns(returns, horizon)) ?? 0)
  const hold = sharpeRatio(periodReturns(outcome.map(expm1), horizon))
  const ratio = sharpeRatio(own)
  return {
    ...DEFAULT_EDGE_STRATEGY,
    periods: own.length,
    sharpe: ratio === null ? null : ratio * perYear,
    holdSharpe: hold === null ? null : hold * perYear,
    probabilisticSharpe: probabilisticSharpe(own),
    expectedMaximumSharpe: expectedMaximumSharpe(ratios) * perYear,
    deflatedSharpe: deflatedSharpe(own, ratios),
  }
}

function overfittingEvidence(
  { date }: TriedRecipe,
  recipes: readonly TriedRecipe[],
): OverfittingEvidence | null {
  const aligned = recipes.flatMap((one) => {
    const rows = rowsOf(one.date, date)
    return rows === undefined ? [] : [{ one, rows }]
  })
  if (aligned.length < 2 || date.length < FEWEST_DAYS) return null
  const table = (pick: (one: TriedRecipe, row: number) => number) =>
    aligned.map(({ one, rows }) => Float64Array.from(rows, (row) => pick(one, row)))
  const gains = table(({ losses }, row) => -(losses[row] as number))
  const returns = table((one, row) => one.returns[row] as number)
  return {
    recipes: aligned.length,
    days: date.length,
    byCrps: backtestOverfitting(gains, { criterion: 'mean' }).probability,
    bySharpe: backtestOverfitting(returns, { criterion: 'sharpe' }).probability,
  }
}

/** Rows of `wanted` in `days`, both ascending; `undefined` when one is missing. */
function rowsOf(days: Int32Array, wanted: Int32Array): Int32Array | undefined {
  const rows = new Int32Array(wanted.length)
  let row = 0
  for (const [i, day] of wanted.entries()) {
    while (row < days.length && (days[row] as number) < day) row += 1
    if (days[row] !== day) return undefined
    rows[i] = row
  }
  return rows
}

function comparisonEvidence(input: SelectionCase): ComparisonEvidence | null {
  const { losses, horizon, random } = input
  const benchmark = losses[BENCHMARK]
  const rivals = differentModels(losses)
  if (benchmark === undefined || rivals.length < 2 || benchmark.length < FEWEST_DAYS) return null
  const series = rivals.map((name) => losses[name] as Float64Array)
  const lengths = series.map((own) =>
    optimalBlockLength(benchmark.map((loss, i) => loss - (own[i] as number))),
  )
  const blockLength = Math.max(horizon, Math.ceil(Math.max(...lengths)))
  const draw = (label: string) =>
    stationaryBootstrap(benchmark.length, blockLength, random.fork(label))
  const options = { blockLength, replications: REPLICATIONS }
  const names = [BENCHMARK, ...rivals]
  const p = confidenceSet([benchmark, ...series], {
    resample: draw('confidence-set'),
    replications: REPLICATIONS,
  })
  return {
    benchmark: BENCHMARK,
    models: rivals.length,
    ...options,
    superiorAbility: superiorAbility(benchmark, series, {
      ...options,
      resample: draw('superior-ability'),
    }),
    confidenceSet: Object.fromEntries(names.map((name, k) => [name, p[k] as number])),
    members: names.filter((_, k) => (p[k] as number) > 1 - CONFIDENCE),
  }
}

/** The models but the benchmark, and but those whose losses are another's: the champion's, often. */
function differentModels(losses: SelectionCase['losses']): readonly string[] {
  const seen = new Set<string>()
  return Object.keys(losses).filter((name) => {
    const content = String(losses[name])
    if (name === BENCHMARK || seen.has(content)) return false
    seen.add(content)
    return true
  })
}
