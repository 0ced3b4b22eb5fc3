/** What a version must show before it is promoted, as plain data that can be read, filed and logged. */

export interface CoverageBounds {
  readonly from: number
  readonly to: number
}

/** Who says yes after the gate has: nobody but the policy itself, or another person. */
export type Approvals = 'local' | 'team'

export interface GatePolicy {
  /** Of this record's meaning; changes whenever a figure does. */
  readonly version: string
  /** One-sided level of a recipe's claims over all looks together. */
  readonly alpha: number
  /** How the level is divided among the looks: see `alphaAtLook`. */
  readonly alphaSpending: 'harmonic'
  /** Largest tolerable relative loss difference against the classical models and the champion. */
  readonly nonInferiorityMargin: number
  /** Confidence of the upper bound that is held against the margin. */
  readonly nonInferiorityConfidence: number
  /** Share of outcomes inside the central 80 % and 95 % intervals. */
  readonly coverage80: CoverageBounds
  readonly coverage95: CoverageBounds
  /** Test sessions. */
  readonly minimumSessions: number
  /** Sessions between the last bar and now; not asked of historical data. */
  readonly maximumDataAgeSessions: number
  readonly approvals: Approvals
}

/**
 * The policy of a laptop.
 *
 * With 500 sessions the standard error of the 80 % coverage is 1.8 points and of the 95 % coverage
 * 1.0 point. Bounds of 5 and 3 points then reject a calibrated model once in 230 and once in 580
 * times (exact binomial), and with 1,000 sessions practically never: a model outside them misstates
 * its risk by more than chance explains.
 */
export const DEFAULT_GATE_POLICY: GatePolicy = {
  version: '1',
  alpha: 0.05,
  alphaSpending: 'harmonic',
  nonInferiorityMargin: 0.005,
  nonInferiorityConfidence: 0.95,
  coverage80: { from: 0.75, to: 0.85 },
  coverage95: { from: 0.92, to: 0.98 },
  minimumSessions: 500,
  maximumDataAgeSessions: 5,
  approvals: 'local',
}

/**
 * The level spent on the k-th look at a recipe: alpha / (k (k + 1)).
 *
 * The terms add up to alpha · (1 − 1/(K + 1)) after K looks, so however often a recipe is refitted
 * and judged again, the chance that noise is ever taken for skill stays below alpha (Bonferroni's
 * inequality; the looks may depend on each other in any way).
 *
 * @param look From 1.
 */
export function alphaAtLook(policy: GatePolicy, look: number): number {
  if (!Number.isSafeInteger(look) || look < 1) {
    throw new RangeError(`A look is numbered from 1; got ${look}`)
  }
  return policy.alpha / (look * (look + 1))
}
