/**
 * The building blocks that features share: computed once per series, each value from a fixed number
 * of bars, summed in a fixed order, from ratios only (so that a split factor cancels).
 */
import type { PriceSeries } from '../market/bars.ts'
import { log } from '../numerics/elementary.ts'
import { quotient } from './column-arithmetic.ts'
import { newColumn } from './new-column.ts'
import { trailingSums } from './trailing-sums.ts'

/** Sessions that the exponentially weighted variance reads; its weights are renormalised over them. */
export const EWMA_SESSIONS = 250
/** Weight of the newest squared return (RiskMetrics 1996: decay 0.94). */
export const EWMA_WEIGHT = 0.06

/** Smallest daily variance kept, (1e-5)²: a frozen price must not send a logarithm to -Infinity. */
const VARIANCE_FLOOR = 1e-10

const EWMA_WEIGHTS = ewmaWeights()

export interface BaseColumns {
  /** Days since 1970-01-01 [n]. */
  readonly date: Int32Array
  readonly close: Float64Array
  /** Close-to-close log return r [n]. */
  readonly logReturn: Float64Array
  /** r / s [n]. */
  readonly scaledReturn: Float64Array
  /** Log of open over the previous close [n]. */
  readonly overnightReturn: Float64Array
  /** log(volume / previous volume), 0 where either is not positive [n]. */
  readonly logVolumeChange: Float64Array
  /** Log of the exponentially weighted mean s² of r² over 250 sessions [n]. */
  readonly logEwmaVariance: Float64Array
  /** s, the square root of that mean [n]. */
  readonly ewmaVolatility: Float64Array
  /** Mean of r² over the same 250 sessions, logged [n]. */
  readonly logLongVariance: Float64Array
  /** Log of v, Garman–Klass variance plus the squared overnight return [n]. */
  readonly logRangeVariance: Float64Array
}

/**
 * Computes the building blocks of `bars`; NaN where the bars before do not suffice.
 *
 * @param first The first row that is wanted: the columns are [n − first].
 */
export function computeBaseColumns(bars: PriceSeries, first = 0): BaseColumns {
  const { open, close, volume } = bars
  const allReturns = logRatioToPrevious(close, close, 0)
  const logReturn = allReturns.subarray(first)
  const overnightReturn = logRatioToPrevious(open, close, first)
  const variances = trailingVariances(allReturns, first)
  return {
    date: bars.date.subarray(first),
    close: close.subarray(first),
    logReturn,
    scaledReturn: quotient(logReturn, variances.ewmaVolatility),
    overnightReturn,
    logVolumeChange: logVolumeChanges(volume, first),
    ...variances,
    logRangeVariance: logRangeVariances(bars, overnightReturn, first),
  }
}

function logRatioToPrevious(
  numerator: Float64Array,
  denominator: Float64Array,
  first: number,
): Float64Array {
  const out = newColumn(numerator.length - first)
  if (first === 0) out[0] = Number.NaN
  for (let t = Math.max(first, 1); t < numerator.length; t++) {
    out[t - first] = log((numerator[t] as number) / (denominator[t - 1] as number))
  }
  return out
}

function logVolumeChanges(volume: Float64Array, first: number): Float64Array {
  const out = newColumn(volume.length - first)
  if (first === 0) out[0] = Number.NaN
  for (let t = Math.max(first, 1); t < volume.length; t++) {
    const now = volume[t] as number
    const before = volume[t - 1] as number
    out[t - first] = now > 0 && before > 0 ? log(now / before) : 0
  }
  return out
}

/** Source: RiskMetrics 1996, truncated at 250 sessions with renormalised weights. */
function trailingVariances(logReturn: Float64Array, first: number) {
  const n = logReturn.length
  const squares = newColumn(n)
  for (let t = 0; t < n; t++) squares[t] = (logReturn[t] as number) * (logReturn[t] as number)
  const { weighted, plain } = trailingSums(squares, EWMA_WEIGHTS)
  const ewmaVolatility = newColumn(n - first).fill(Number.NaN)
  const logEwmaVariance = newColumn(n - first).fill(Number.NaN)
  const logLongVariance = newColumn(n - first).fill(Number.NaN)
  for (let t = Math.max(first, EWMA_SESSIONS); t < n; t++) {
    const variance = Math.max(weighted[t] as number, VARIANCE_FLOOR)
    ewmaVolatility[t - first] = Math.sqrt(variance)
    logEwmaVariance[t - first] = log(variance)
    logLongVariance[t - first] = log(Math.max((plain[t] as number) / EWMA_SESSIONS, VARIANCE_FLOOR))
  }
  return { ewmaVolatility, logEwmaVariance, logLongVariance }
}

function ewmaWeights(): Float64Array {
  const weights = new Float64Array(EWMA_SESSIONS)
  let weight = EWMA_WEIGHT
  let total = 0
  for (let k = 0; k < EWMA_SESSIONS; k++) {
    weights[k] = weight
    total += weight
    weight *= 1 - EWMA_WEIGHT
  }
  return weights.map((value) => value / total)
}

/** Source: Garman & Klass 1980, plus the squared overnight return. */
function logRangeVariances(
  { open, high, low, close }: PriceSeries,
  overnightReturn: Float64Array,
  first: number,
): Float64Array {
  const out = newColumn(close.length - first)
  if (first === 0) out[0] = Number.NaN
  const closeFactor = 2 * log(2) - 1
  for (let t = Math.max(first, 1); t < close.length; t++) {
    const range = log((high[t] as number) / (low[t] as number))
    const body = log((close[t] as number) / (open[t] as number))
    const overnight = overnightReturn[t - first] as number
    const variance = 0.5 * (range * range) - closeFactor * (body * body) + overnight * overnight
    out[t - first] = log(Math.max(variance, VARIANCE_FLOOR))
  }
  return out
}
