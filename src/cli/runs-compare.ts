/** `tickerflow runs compare`: runs side by side, what is the same left out. */
import { TickerflowError } from '../errors.ts'
import type { Run } from '../tracking/tracking-store.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { metricsOf } from './runs.ts'
import { findRun } from './runs-search.ts'
import { table } from './words.ts'

export interface RunComparison {
  readonly runs: readonly { readonly id: string; readonly name: string; readonly status: string }[]
  /** Params and tags that differ, a value for each run; null where a run has none. */
  readonly params: Readonly<Record<string, readonly (string | null)[]>>
  readonly tags: Readonly<Record<string, readonly (string | null)[]>>
  /** Scores of models: `<model>.<score>`. */
  readonly scores: Readonly<Record<string, readonly (number | null)[]>>
  /** The latest value of every other metric that differs. */
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>
}

export async function compareRuns(
  prefixes: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  if (prefixes.length < 2) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `A comparison needs two runs or more, and got ${prefixes.length}: tickerflow runs compare ID ID …`,
    )
  }
  await withContext(options, {}, async ({ app, answer }) => {
    const runs: Run[] = []
    for (const prefix of prefixes) runs.push(await findRun(app.tracking, prefix))
    const comparison = comparisonOf(runs)
    answer(comparison, () => comparisonWords(comparison))
  })
}

/** Series of a training or of the machine; they are compared only with `--json`. */
const SERIES = /^(final|fold|system\/)/

export function comparisonOf(runs: readonly Run[]): RunComparison {
  const all = runs.map((run) => metricsOf(run))
  const split = (isSeries: boolean) =>
    all.map((metrics) =>
      Object.fromEntries(Object.entries(metrics).filter(([key]) => SERIES.test(key) === isSeries)),
    )
  return {
    runs: runs.map(({ id, name, status }) => ({ id, name, status })),
    params: differences(runs.map(({ params }) => params)),
    tags: differences(runs.map(({ tags }) => withoutOwnNames(tags))),
    scores: sideBySide(split(false)),
    metrics: differences(split(true)),
  }
}

/** Tags that differ for any two runs tell nothing. */
function withoutOwnNames(tags: Run['tags']): Run['tags'] {
  const { 'mlflow.runName': _, 'mlflow.parentRunId': __, ...rest } = tags
  return rest
}

type Rows<T> = Readonly<Record<string, readonly (T | null)[]>>

function sideBySide<T>(columns: readonly Readonly<Record<string, T>>[]): Rows<T> {
  const keys = [...new Set(columns.flatMap((column) => Object.keys(column)))].toSorted()
  return Object.fromEntries(keys.map((key) => [key, columns.map((column) => column[key] ?? null)]))
}

function differences<T>(columns: readonly Readonly<Record<string, T>>[]): Rows<T> {
  const rows = Object.entries(sideBySide(columns))
  return Object.fromEntries(rows.filter(([, values]) => new Set(values).size > 1))
}

/** Wide values (digests, lists of features) are cut to what tells runs apart at a glance. */
const WIDEST = 28

function comparisonWords({ runs, params, tags, scores }: RunComparison): string {
  const header = ['', ...runs.map(({ id }) => id.slice(0, 8))]
  const lines = (rows: Rows<string | number>) =>
    Object.entries(rows).map(([key, values]) => [key, ...values.map(cell)])
  const part = (title: string, rows: Rows<string | number>) =>
    Object.keys(rows).length === 0
      ? ['', `${title}: no differences.`]
      : ['', colours.bold(title), table(header, lines(rows))]
  return [
    ...runs.map(({ id, name, status }) => `${id.slice(0, 8)}  ${name}, ${status.toLowerCase()}`),
    ...part('Parameters that differ', params),
    ...part('Tags that differ', tags),
    ...part('Scores', scores),
  ].join('\n')
}

function cell(value: string | number | null): string {
  if (value === null) return '–'
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  return value.length > WIDEST ? `${value.slice(0, WIDEST - 1)}…` : value
}
