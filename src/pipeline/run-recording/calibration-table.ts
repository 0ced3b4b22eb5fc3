/** How often outcomes fell inside each model's intervals, as a table that MLflow's clients read. */
import type { Judgement } from '../../evaluation/judgement.ts'
import { intervalMisses } from '../../evaluation/scores.ts'

/** Nominal coverage of central intervals. */
const LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99] as const
const NORMAL_975 = 1.959963984540054

export interface CalibrationRow {
  readonly model: string
  /** Nominal coverage of the central interval. */
  readonly level: number
  /** Share of outcomes inside it. */
  readonly coverage: number
  /** Where that share lies 95 times in 100 if the model is right and days are independent. */
  readonly low: number
  readonly high: number
  readonly days: number
}

export function calibrationRows({ pit }: Pick<Judgement, 'pit'>): CalibrationRow[] {
  return Object.entries(pit).flatMap(([model, values]) =>
    LEVELS.map((level) => {
      const days = values.length
      const misses = intervalMisses(values, level).reduce((total, miss) => total + miss, 0)
      const margin = NORMAL_975 * Math.sqrt((level * (1 - level)) / days)
      return {
        model,
        level,
        coverage: 1 - misses / days,
        low: level - margin,
        high: Math.min(1, level + margin),
        days,
      }
    }),
  )
}

/** Rows in the form of `mlflow.log_table`: `mlflow.load_table` and its UI read it. */
export function mlflowTable(rows: readonly CalibrationRow[]): string {
  const columns = ['model', 'level', 'coverage', 'low', 'high', 'days'] as const
  const data = rows.map((row) => columns.map((column) => row[column]))
  return `${JSON.stringify({ columns, data })}\n`
}

/** The tag by which MLflow's clients know that an artifact is a table. */
export function tableTag(paths: readonly string[]): { readonly 'mlflow.loggedArtifacts': string } {
  return {
    'mlflow.loggedArtifacts': JSON.stringify(paths.map((path) => ({ path, type: 'table' }))),
  }
}
