/** What a run leaves in the tracking store: parameters, metrics by step, data, artifacts. */
import type { Backtest, Scores } from '../evaluation/backtest.ts'
import type { TrainingEvent } from '../forecast/forecaster.ts'
import type { Bars } from '../market/bars.ts'
import { formatDay } from '../market/trading-date.ts'
import type { DatasetInput, Metric, StringMap } from '../tracking/tracking-store.ts'
import type { Recipe } from './recipe.ts'
import { foldSteps } from './run-recording/fold-scores.ts'

/** A recipe as flat string parameters. */
export function recipeParams(recipe: Recipe): StringMap {
  const { options, panel, ...plain } = recipe
  const flat = { ...plain, panel: panel.join(','), ...options }
  return Object.fromEntries(Object.entries(flat).map(([key, value]) => [key, spoken(value)]))
}

function spoken(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** Scores by model and name; null where one is undefined. */
type ScoreTable = Readonly<Record<string, Readonly<Record<keyof Scores, number | null>>>>

/** `har.crps` and so on; undefined scores are left out. */
export function scoreMetrics(scores: ScoreTable, timestampMs: number): Metric[] {
  return Object.entries(scores).flatMap(([model, fields]) =>
    Object.entries(fields).flatMap(([name, value]) =>
      value === null || Number.isNaN(value)
        ? []
        : [{ key: `${model}.${name}`, value, timestampMs, step: 0 }],
    ),
  )
}

/** Mean CRPS of each fold as a series over the folds. */
export function foldMetrics(
  backtest: Backtest,
  losses: Readonly<Record<string, Float64Array>>,
  timestampMs: number,
): Metric[] {
  const steps = foldSteps(backtest.folds)
  return Object.entries(losses).flatMap(([model, loss]) =>
    backtest.folds.flatMap((_, index) => {
      const days = loss.filter((_, row) => backtest.fold[row] === index)
      if (days.length === 0) return []
      const value = days.reduce((total, day) => total + day, 0) / days.length
      return [{ key: `fold.${model}.crps`, value, timestampMs, step: steps[index] ?? index }]
    }),
  )
}

/** Losses, learning rate and gradient norm of each epoch; one series per network. */
export function epochMetrics(
  prefix: string,
  events: readonly TrainingEvent[],
  timestampMs: number,
): Metric[] {
  return events.flatMap(({ member, epoch, ...figures }) =>
    Object.entries(figures).map(([name, value]) => ({
      key: `${prefix}.seed${member}.${name}`,
      value,
      timestampMs,
      step: epoch,
    })),
  )
}

/** In MLflow's words for the types of a table's columns. */
const BAR_COLUMNS = [
  { type: 'datetime', name: 'date', required: true },
  ...['open', 'high', 'low', 'close', 'volume'].map((name) => ({
    type: 'double',
    name,
    required: true,
  })),
]

/** The bars as a data set that the run read. */
export function barsInput(bars: Bars): DatasetInput {
  const { date, symbol, digest, source, basis } = bars
  const span = { first: formatDay(date[0] ?? 0), last: formatDay(date.at(-1) ?? 0) }
  return {
    dataset: {
      name: `${symbol} daily bars`,
      digest: digest.slice(0, 36),
      sourceType: 'tickerflow',
      source: JSON.stringify({ source, digest }),
      schema: JSON.stringify({ mlflow_colspec: BAR_COLUMNS }),
      profile: JSON.stringify({ rows: date.length, basis, ...span }),
    },
    tags: { 'mlflow.data.context': 'training' },
  }
}
