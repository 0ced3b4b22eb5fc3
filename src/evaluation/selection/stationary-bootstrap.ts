/** Resampling of days in blocks of random length, which keeps their dependence. */
import { exp, log } from '../../numerics/elementary.ts'
import type { Random } from '../../numerics/random.ts'
import { mean } from '../../numerics/statistics.ts'

/** Gives one resample after the other: day numbers [n], in an array that is used again. */
export type Resample = () => Int32Array

/**
 * Days of a stationary bootstrap: blocks start anywhere, wrap around the end, and have geometric
 * lengths.
 *
 * @param n Days, >= 1.
 * @param blockLength Mean length of a block, >= 1.
 * Source: Politis & Romano 1994.
 */
export function stationaryBootstrap(n: number, blockLength: number, random: Random): Resample {
  const days = new Int32Array(n)
  const restart = 1 / Math.max(1, blockLength)
  return () => {
    let day = random.integer(n)
    days[0] = day
    for (let i = 1; i < n; i++) {
      day = random.uniform() < restart ? random.integer(n) : (day + 1) % n
      days[i] = day
    }
    return days
  }
}

/**
 * The mean block length that estimates the variance of the series' mean best.
 *
 * @param series Values [n], n >= 10.
 * @returns At most min(3 √n, n / 3), rounded up; can be below 1 for a series without memory.
 * Source: Politis & White 2004, corrected by Patton, Politis & White 2009.
 */
export function optimalBlockLength(series: Float64Array): number {
  const n = series.length
  const reach = Math.max(5, Math.floor(log10(n)))
  const mostLags = Math.ceil(Math.sqrt(n)) + reach
  const { covariance, correlation } = autocorrelations(series, mostLags)
  const lags = Math.min(mostLags, significantLags(correlation, { n, reach, mostLags }))
  let weighted = 0
  let longRun = covariance[0] as number
  for (let k = 1; k <= lags; k++) {
    const taper = k <= lags / 2 ? 1 : 2 * (1 - k / lags)
    weighted += 2 * taper * k * (covariance[k] as number)
    longRun += 2 * taper * (covariance[k] as number)
  }
  const most = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))
  const ratio = (weighted * weighted) / (longRun * longRun)
  return Number.isFinite(ratio) ? Math.min(most, cubeRoot(ratio * n)) : most
}

function autocorrelations(series: Float64Array, mostLags: number) {
  const n = series.length
  const centre = mean(series)
  const x = series.map((value) => value - centre)
  const covariance = new Float64Array(mostLags + 1)
  const correlation = new Float64Array(mostLags + 1)
  for (let lag = 0; lag <= mostLags; lag++) {
    let [product, head, tail] = [0, 0, 0]
    for (let i = lag; i < n; i++) product += (x[i] as number) * (x[i - lag] as number)
    // One day shorter than the overlap, as in the authors' programs.
    for (let i = lag + 1; i < n; i++) {
      tail += (x[i] as number) * (x[i] as number)
      head += (x[i - lag - 1] as number) * (x[i - lag - 1] as number)
    }
    covariance[lag] = product / n
    correlation[lag] = Math.abs(product) / Math.sqrt(head * tail)
  }
  return { covariance, correlation }
}

/** Twice the first lag after which `reach` autocorrelations in a row are insignificant. */
function significantLags(
  correlation: Float64Array,
  { n, reach, mostLags }: { readonly n: number; readonly reach: number; readonly mostLags: number },
): number {
  const critical = 2 * Math.sqrt(log10(n) / n)
  for (let lag = reach; lag <= mostLags; lag++) {
    const window = correlation.subarray(lag - reach, lag)
    if (window.every((value) => value < critical)) return 2 * Math.max(1, lag - reach)
  }
  return mostLags
}

function log10(x: number): number {
  return log(x) / Math.LN10
}

function cubeRoot(x: number): number {
  return x === 0 ? 0 : exp(log(x) / 3)
}
