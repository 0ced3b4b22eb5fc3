/** Shape of a distribution from its standardised central moments, with divisor n. */
import { mean } from './statistics.ts'

export interface Shape {
  /** Third standardised moment; 0 for a symmetric distribution. */
  readonly skewness: number
  /** Fourth standardised moment; 3 for a normal distribution. */
  readonly kurtosis: number
}

/**
 * Skewness and kurtosis of a series; NaN where it does not vary.
 *
 * @throws {RangeError} On an empty series.
 */
export function shapeOf(x: ArrayLike<number>): Shape {
  const centre = mean(x)
  let [second, third, fourth] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const deviation = (x[i] as number) - centre
    const square = deviation * deviation
    second += square
    third += square * deviation
    fourth += square * square
  }
  const n = x.length
  const variance = second / n
  if (variance === 0) return { skewness: Number.NaN, kurtosis: Number.NaN }
  return {
    skewness: third / n / (variance * Math.sqrt(variance)),
    kurtosis: fourth / n / (variance * variance),
  }
}
