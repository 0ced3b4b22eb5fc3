/** What the training span says about windows of a given length: the scale that drift is judged on. */
import { exp, log } from '../../numerics/elementary.ts'
import { mean, median, standardDeviation } from '../../numerics/statistics.ts'
import { studentTQuantile } from '../../numerics/student-t.ts'
import { kolmogorovSmirnov } from './distances.ts'

export interface DriftReference {
  /** Rows of the windows that it judges. */
  readonly window: number
  /** Share of unchanged windows whose verdict, over all columns together, is to be drift. */
  readonly alarmRate: number
  readonly columns: readonly ReferenceColumn[]
  /** Largest ratio of a column's statistic to its typical one that is not yet drift. */
  readonly threshold: number
}

export interface ReferenceColumn {
  readonly name: string
  /** Ascending values [n]. */
  readonly sorted: Float64Array
  readonly standardDeviation: number
  /** Median Kolmogorov–Smirnov statistic of the span's own windows against its other rows. */
  readonly typical: number
  /** Most rows in a row with one and the same value. */
  readonly longestRun: number
}

export interface DriftReferenceOptions {
  readonly window: number
  readonly alarmRate?: number
}

export const DEFAULT_ALARM_RATE = 0.05
/** Windows of the span, overlapping, that start within the length of one window. */
const STARTS_PER_WINDOW = 8
/** Fewer windows than this, end to end, say nothing about the next one. */
const LEAST_WINDOWS = 4

/**
 * Compares each window of consecutive rows of the training span with the rest of the span, as a
 * coming window will be compared with all of it, so that dependence between rows is kept. The
 * largest ratio over the columns is taken as log-normal; the threshold is its prediction bound,
 * Student's t with as many observations as windows fit end to end.
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
  const starts = windowStarts(rows, window)
  const largest = new Float64Array(starts.length)
  const judged: ReferenceColumn[] = []
  for (const [name, values] of columns) {
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
  const threshold = predictionBound(largest, { windows: rows / window, alarmRate })
  return { window, alarmRate, columns: judged, threshold }
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

/** The gap to the other rows is that to all rows, times n / (n − w). */
function ownStatistics(
  values: Float64Array,
  sorted: Float64Array,
  { starts, window }: { readonly starts: readonly number[]; readonly window: number },
): Float64Array {
  const others = values.length / (values.length - window)
  return Float64Array.from(starts, (start) => {
    const own = values.slice(start, start + window).sort()
    return others * kolmogorovSmirnov(sorted, own)
  })
}

function windowStarts(rows: number, window: number): number[] {
  const stride = Math.max(1, Math.floor(window / STARTS_PER_WINDOW))
  const count = Math.floor((rows - window) / stride) + 1
  return Array.from({ length: count }, (_, i) => i * stride)
}

/** Overlapping windows vary less about their own mean than apart ones do: by (m − 1) / m. */
function predictionBound(
  largest: Float64Array,
  { windows, alarmRate }: { readonly windows: number; readonly alarmRate: number },
): number {
  const logs = largest.map((ratio) => log(ratio))
  const deviation = standardDeviation(logs) * Math.sqrt(windows / (windows - 1))
  const quantile = studentTQuantile(1 - alarmRate, windows - 1)
  return exp(mean(logs) + quantile * deviation * Math.sqrt(1 + 1 / windows))
}

function assertColumns(columns: ReadonlyMap<string, Float64Array>, window: number): number {
  const first = [...columns.values()][0]
  if (first === undefined) throw new RangeError('A drift reference needs at least one column')
  if (!Number.isInteger(window) || window < 2 || first.length < LEAST_WINDOWS * window) {
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
