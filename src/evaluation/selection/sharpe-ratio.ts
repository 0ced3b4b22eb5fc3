/** Sharpe ratios that know how short, how skewed and how often tried their returns are. */
import { shapeOf } from '../../numerics/moments.ts'
import { normalCdf, normalQuantile } from '../../numerics/normal.ts'
import { mean, variance } from '../../numerics/statistics.ts'

/** Euler's constant. */
const EULER_GAMMA = 0.5772156649015329
const E = Math.E

/**
 * Mean over standard deviation of the returns, per period.
 *
 * @returns `null` for fewer than two returns, or where they don't vary.
 */
export function sharpeRatio(returns: Float64Array): number | null {
  if (returns.length < 2) return null
  const spread = Math.sqrt(variance(returns))
  return spread > 0 ? mean(returns) / spread : null
}

/**
 * Probability that the true Sharpe ratio is above `benchmark`, given the length, skewness and
 * kurtosis of the returns.
 *
 * @param benchmark Sharpe ratio per period.
 * @returns `null` where the returns don't vary, or are too few for their shape.
 * Source: Bailey & López de Prado 2012.
 */
export function probabilisticSharpe(returns: Float64Array, benchmark = 0): number | null {
  const ratio = sharpeRatio(returns)
  if (ratio === null) return null
  const { skewness, kurtosis } = shapeOf(returns)
  const spread = 1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio * ratio
  if (!(spread > 0)) return null
  return normalCdf(((ratio - benchmark) * Math.sqrt(returns.length - 1)) / Math.sqrt(spread))
}

/**
 * The Sharpe ratio that the best of so many trials without any skill is expected to show:
 * √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))).
 *
 * @param ratios Sharpe ratios of all trials, per period; their sample variance is V. 0 for one.
 * Source: Bailey & López de Prado 2014.
 */
export function expectedMaximumSharpe(ratios: readonly number[]): number {
  const n = ratios.length
  if (n < 2) return 0
  const spread = Math.sqrt(variance(ratios))
  return (
    spread *
    ((1 - EULER_GAMMA) * normalQuantile(1 - 1 / n) + EULER_GAMMA * normalQuantile(1 - 1 / (n * E)))
  )
}

/**
 * Probability that the true Sharpe ratio is above what the best of all the trials would have shown
 * by luck.
 *
 * @param ratios Sharpe ratios of all trials, this one included.
 * Source: Bailey & López de Prado 2014.
 */
export function deflatedSharpe(returns: Float64Array, ratios: readonly number[]): number | null {
  return probabilisticSharpe(returns, expectedMaximumSharpe(ratios))
}
