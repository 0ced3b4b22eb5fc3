/**
 * Split conformal calibration: which central interval of a forecast held the promised share of past
 * outcomes. A score is the level of the central interval whose edge the outcome lies on, so residuals
 * are measured in each forecast's own scale and tails.
 */

/** Outcomes below which nothing is learnt: the 95 % level would rest on fewer than three of them. */
export const FEWEST_CALIBRATION_DAYS = 60

/** Smallest central level that holds an outcome, from its probability integral transform: 0 … 1. */
export function conformityScore(pit: number): number {
  return 2 * Math.abs(pit - 0.5)
}

/**
 * The level to ask a forecast for, so that its central interval holds the next outcome with
 * probability `nominal` or more if it is exchangeable with the past ones.
 *
 * @param scores Conformity scores of past outcomes [n], in any order.
 * @returns `nominal` itself while there are fewer than `FEWEST_CALIBRATION_DAYS`.
 *
 * Source: Vovk, Gammerman & Shafer 2005; scores by the distribution function after Chernozhukov,
 * Wüthrich & Zhu 2021.
 */
export function splitConformalLevel(scores: ArrayLike<number>, nominal: number): number {
  const n = scores.length
  if (n < FEWEST_CALIBRATION_DAYS) return nominal
  const rank = Math.min(n, Math.ceil((n + 1) * nominal))
  return Float64Array.from(scores).sort()[rank - 1] as number
}
