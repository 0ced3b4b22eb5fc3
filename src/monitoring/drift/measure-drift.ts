/** Has the latest window of columns moved away from the training span? */
import { mean } from '../../numerics/statistics.ts'
import {
  binShares,
  jensenShannon,
  kolmogorovSmirnov,
  populationStability,
  wasserstein,
} from './distances.ts'
import {
  COMBINATION,
  type DriftReference,
  longestRunOf,
  type ReferenceColumn,
  withCombination,
} from './drift-reference.ts'

export interface DriftReport {
  readonly verdict: 'stable' | 'drift'
  /** Why the verdict is drift, one sentence for each column that is the cause. */
  readonly reasons: readonly string[]
  readonly columns: readonly ColumnDrift[]
}

export interface ColumnDrift {
  readonly name: string
  /** Wasserstein distance from the training span, in its standard deviations: what is judged. */
  readonly distance: number
  /** Distance above which the column, and with it the window, has drifted. */
  readonly threshold: number
  readonly drifted: boolean
  /** The column repeats one value for longer than the training span ever did. */
  readonly frozen: boolean
  /** For display, not judged: Kolmogorov–Smirnov, in [0, 1]. */
  readonly kolmogorovSmirnov: number
  /** For display: to base 2, over deciles of the training span. */
  readonly jensenShannon: number
  /** For display, over the same deciles. */
  readonly populationStability: number
  /** Mean of the window less that of the training span, in its standard deviations. */
  readonly shift: number
}

/** Rows of one value that are called frozen, however few the training span repeats. */
const LEAST_FROZEN_ROWS = 5

/**
 * Judges one window: each column, and how they belong together. The stated false-alarm rate is that of the verdict, over all columns together.
 *
 * @param window By name, the reference's columns, each [window] in order of time; others are left.
 * @throws {RangeError} On a missing column, another number of rows, or NaN.
 *
 * Cost: O(columns · (n + w log n)).
 */
export function measureDrift(
  reference: DriftReference,
  window: ReadonlyMap<string, Float64Array>,
): DriftReport {
  const given = withCombination(reference.axes, windowColumns(reference, window))
  const columns = reference.columns.map((column) =>
    columnDrift(column, given.get(column.name) as Float64Array, reference.threshold),
  )
  const reasons = columns.flatMap(reasonsOf)
  return { verdict: reasons.length > 0 ? 'drift' : 'stable', reasons, columns }
}

/**
 * The largest distance over its threshold, of all columns: above 1 the verdict is drift. Nothing else
 * is computed, and frozen columns are not looked for.
 *
 * @throws {RangeError} As `measureDrift`.
 */
export function driftRatio(
  reference: DriftReference,
  window: ReadonlyMap<string, Float64Array>,
): number {
  const given = withCombination(reference.axes, windowColumns(reference, window))
  let largest = 0
  for (const { name, sorted, typical } of reference.columns) {
    const rows = (given.get(name) as Float64Array).slice().sort()
    largest = Math.max(largest, wasserstein(sorted, rows) / (typical * reference.threshold))
  }
  return largest
}

/** The window's columns that the reference was given. */
function windowColumns(
  { columns, window: rows }: DriftReference,
  window: ReadonlyMap<string, Float64Array>,
): ReadonlyMap<string, Float64Array> {
  const names = columns.map(({ name }) => name).filter((name) => name !== COMBINATION)
  return new Map(names.map((name) => [name, rowsOf(window, name, rows)]))
}

function columnDrift(column: ReferenceColumn, rows: Float64Array, ratio: number): ColumnDrift {
  const { name, sorted, typical, standardDeviation: deviation } = column
  const window = rows.slice().sort()
  const distance = wasserstein(sorted, window) / deviation
  const threshold = (typical * ratio) / deviation
  const edges = decileEdges(sorted)
  const [p, q] = [binShares(sorted, edges), binShares(window, edges)]
  return {
    ...{ name, distance, threshold },
    drifted: distance > threshold,
    frozen: longestRunOf(rows) > Math.max(column.longestRun, LEAST_FROZEN_ROWS - 1),
    kolmogorovSmirnov: kolmogorovSmirnov(sorted, window),
    jensenShannon: jensenShannon(p, q),
    populationStability: populationStability(p, q),
    shift: (mean(rows) - mean(sorted)) / deviation,
  }
}

function reasonsOf({ name, distance, threshold, drifted, frozen }: ColumnDrift): string[] {
  if (frozen) return [`${name} repeats one value`]
  if (!drifted) return []
  return [
    `${name} is ${distance.toFixed(2)} standard deviations away, above ${threshold.toFixed(2)}`,
  ]
}

function decileEdges(sorted: Float64Array): number[] {
  return Array.from(
    { length: 9 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / 10)] as number,
  )
}

function rowsOf(
  window: ReadonlyMap<string, Float64Array>,
  name: string,
  rows: number,
): Float64Array {
  const values = window.get(name)
  if (values?.length === rows && !values.some(Number.isNaN)) return values
  const received = values === undefined ? 'none' : `${values.length}, NaN among them or too many`
  throw new RangeError(`Expected ${rows} rows without NaN of '${name}', received ${received}`)
}
