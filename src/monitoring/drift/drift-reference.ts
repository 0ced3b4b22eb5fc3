/** What the training span says about windows of a given length: the scale that drift is judged on. */
import { exp, log, pow } from '../../numerics/elementary.ts'
import { autocovariance, mean, median, standardDeviation } from '../../numerics/statistics.ts'
import { studentTQuantile } from '../../numerics/student-t.ts'
import { wasserstein } from './distances.ts'
import { fitPrincipalAxes, type PrincipalAxes, reconstructionErrors } from './principal-axes.ts'

export interface DriftReference {
  /** Rows of the windows that it judges. */
  readonly window: number
  /** Share of unchanged windows whose verdict, over all columns together, is to be drift. */
  readonly alarmRate: number
  /** The given columns, and `COMBINATION` after them where there are several. */
  readonly columns: readonly ReferenceColumn[]
  /** Of the given columns; none where there is only one. */
  readonly axes: PrincipalAxes | undefined
  /** Largest ratio of a column's distance to its typical one that is not yet drift. */
  readonly threshold: number
}

export interface ReferenceColumn {
  readonly name: string
  /** Ascending values [n]. */
  readonly sorted: Float64Array
  readonly standardDeviation: number
  /** Median distance (Wasserstein) of the span's own windows from its other rows. */
  readonly typical: number
  /** Most rows in a row with one and the same value. */
  readonly longestRun: number
}

export interface DriftReferenceOptions {
  readonly window: number
  readonly alarmRate?: number
}

export const DEFAULT_ALARM_RATE = 0.05

/** The column that is made of all others: how well the reference's principal axes describe a row. */
export const COMBINATION = 'combination of columns'

/** Windows of the span, overlapping, that start within the length of one window. */
const STARTS_PER_WINDOW = 8
/** Fewer windows than this, end to end, say nothing about the next one. */
const LEAST_WINDOWS = 4

/** The span is parted so to judge its rows by axes that they have not shaped. */
const PARTS = 5

/** Sessions at which the correlation time is read off a column's autocorrelation. */
const CORRELATION_LAG = 20
/**
 * Windows that are a window and so much of the longest correlation time apart count as independent of
 * each other. This and the widening below were fitted to simulated histories (`experiments/drift`), and
 * confirmed on others.
 */
const APART = 0.45
/** The few windows of a span know little of the tail of their own distribution: the bound is widened. */
const WIDENING = 0.3
/** Rows of the window at which half of the widening is reached. */
const HALF_WIDENED = 20
/** However long the correlation, the span is taken for so many independent windows. */
const LEAST_INDEPENDENT = 2

/**
 * Compares each window of consecutive rows of the training span with the rest of the span, as a
 * coming window will be compared with all of it, so that dependence between rows is kept. The
 * largest ratio over the columns is taken as log-normal; the threshold is its prediction bound,
 * Student's t with as many observations as there are independent windows in the span: its rows over
 * those of a window and a part of the correlation time of the most persistent column.
 *
 * @param columns By name, each [n] in order of time, without NaN; all of one length.
 * @throws {RangeError} On fewer rows than four windows, no columns, NaN, or unequal lengths.
 *
 * Source: subsampling of dependent data, Politis, Romano & Wolf 1999.
 */
export function createDriftReference(
  columns: ReadonlyMap<string, Float64Array>,
  { window, alarmRate = DEFAULT_ALARM_RATE }: DriftReferenceOptions,
): DriftReference {
  const rows = assertColumns(columns, window)
  const axes = columns.size > 1 ? fitPrincipalAxes(columns) : undefined
  const starts = windowStarts(rows, window)
  const largest = new Float64Array(starts.length)
  const judged: ReferenceColumn[] = []
  for (const [name, values] of withOwnCombination(columns)) {
    const sorted = values.slice().sort()
    const statistics = ownStatistics(values, sorted, { starts, window })
    const typical = median(statistics)
    for (const [i, statistic] of statistics.entries()) {
      largest[i] = Math.max(largest[i] as number, statistic / typical)
    }
    const longestRun = longestRunOf(values)
    judged.push({
      ...{ name, sorted, typical, longestRun },
      standardDeviation: standardDeviation(values),
    })
  }
  const apart = window + APART * longestCorrelation(columns)
  const windows = Math.max(LEAST_INDEPENDENT, rows / apart)
  const widening = 1 + (WIDENING * window) / (window + HALF_WIDENED)
  const threshold = predictionBound(largest, { windows, alarmRate, widening })
  return { window, alarmRate, columns: judged, axes, threshold }
}

/**
 * The columns and, after them, what the axes say of them together, each part of the span by the axes of
 * the other parts: by axes that were fitted to them, the span's own rows would look too usual.
 */
function withOwnCombination(
  columns: ReadonlyMap<string, Float64Array>,
): ReadonlyMap<string, Float64Array> {
  const rows = [...columns.values()][0]?.length ?? 0
  if (columns.size < 2) return columns
  const errors = new Float64Array(rows)
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * rows) / PARTS)
    const to = Math.floor(((part + 1) * rows) / PARTS)
    const each = (choose: (values: Float64Array) => Float64Array) =>
      new Map([...columns].map(([name, values]) => [name, choose(values)]))
    const others = each((values) => without(values, from, to))
    const own = each((values) => values.subarray(from, to))
    errors.set(reconstructionErrors(fitPrincipalAxes(others), own), from)
  }
  return new Map([...columns, [COMBINATION, errors]])
}

function without(values: Float64Array, from: number, to: number): Float64Array {
  const out = new Float64Array(values.length - (to - from))
  out.set(values.subarray(0, from))
  out.set(values.subarray(to), from)
  return out
}

/** The columns and, after them, what the axes say of them together. */
export function withCombination(
  axes: PrincipalAxes | undefined,
  columns: ReadonlyMap<string, Float64Array>,
): ReadonlyMap<string, Float64Array> {
  if (axes === undefined) return columns
  return new Map([...columns, [COMBINATION, reconstructionErrors(axes, columns)]])
}

/**
 * 1 + 2 Σ ρ of the most persistent column, in rows, as if each were a first-order autoregression: from
 * its autocorrelation at 20 rows, which noise from row to row hardly touches.
 */
function longestCorrelation(columns: ReadonlyMap<string, Float64Array>): number {
  const times = Array.from(columns.values(), (values) => {
    const ratio = autocovariance(values, CORRELATION_LAG) / autocovariance(values, 0)
    const persistence = pow(Math.min(0.98, Math.max(1e-6, ratio)), 1 / CORRELATION_LAG)
    return (1 + persistence) / (1 - persistence)
  })
  return Math.max(...times)
}

/** Most rows in a row with one and the same value. */
export function longestRunOf(values: Float64Array): number {
  let [longest, run] = [0, 0]
  for (let row = 0; row < values.length; row++) {
    run = row > 0 && values[row] === values[row - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

/** The distance to the other rows is that to all rows, times n / (n − w). */
function ownStatistics(
  values: Float64Array,
  sorted: Float64Array,
  { starts, window }: { readonly starts: readonly number[]; readonly window: number },
): Float64Array {
  const others = values.length / (values.length - window)
  return Float64Array.from(starts, (start) => {
    const own = values.slice(start, start + window).sort()
    return others * wasserstein(sorted, own)
  })
}

function windowStarts(rows: number, window: number): number[] {
  const stride = Math.max(1, Math.floor(window / STARTS_PER_WINDOW))
  const count = Math.floor((rows - window) / stride) + 1
  return Array.from({ length: count }, (_, i) => i * stride)
}

interface PredictionQuestion {
  /** Independent ones. */
  readonly windows: number
  readonly alarmRate: number
  /** Factor on the width of the bound. */
  readonly widening: number
}

/** Overlapping windows vary less about their own mean than apart ones do: by (m − 1) / m. */
function predictionBound(
  largest: Float64Array,
  { windows, alarmRate, widening }: PredictionQuestion,
): number {
  const logs = largest.map((ratio) => log(ratio))
  const deviation = standardDeviation(logs) * Math.sqrt(windows / (windows - 1))
  const quantile = studentTQuantile(1 - alarmRate, windows - 1)
  return exp(mean(logs) + widening * quantile * deviation * Math.sqrt(1 + 1 / windows))
}

function assertColumns(columns: ReadonlyMap<string, Float64Array>, window: number): number {
  const first = [...columns.values()][0]
  if (first === undefined) throw new RangeError('A drift reference needs at least one column')
  const needed = Math.max(LEAST_WINDOWS * window, CORRELATION_LAG + 1)
  if (!Number.isInteger(window) || window < 2 || first.length < needed) {
    throw new RangeError(
      `A drift reference needs ${LEAST_WINDOWS} windows of at least 2 rows, received ${first.length} rows for a window of ${window}`,
    )
  }
  for (const [name, values] of columns) {
    if (values.length !== first.length || values.some(Number.isNaN)) {
      throw new RangeError(
        `Column '${name}' must have ${first.length} rows without NaN, received ${values.length} rows`,
      )
    }
    if (longestRunOf(values) === values.length) {
      throw new RangeError(`Column '${name}' does not vary: leave it out of a drift reference`)
    }
  }
  return first.length
}
