/** What a version must show before it is promoted, as plain data that can be read, filed and logged. */
import { type Static, Type } from 'typebox'
import { digestOf } from '../canonical-json.ts'

const strict = { additionalProperties: false }
const Share = Type.Number({ minimum: 0, maximum: 1 })

const CoverageBoundsSchema = Type.Object({ from: Share, to: Share }, strict)

export const GatePolicySchema = Type.Object(
  {
    /** Name of this set of figures, for people; the digest tells two sets apart in any case. */
    version: Type.String({ minLength: 1, maxLength: 100 }),
    /** One-sided level of the claims about a series over all looks and trials together. */
    alpha: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 0.5 }),
    /** How the level is divided among the looks: see `alphaAtLook`. */
    alphaSpending: Type.Literal('harmonic'),
    /** Largest tolerable relative loss difference against the classical models and the champion. */
    nonInferiorityMargin: Type.Number({ minimum: 0, maximum: 1 }),
    /** Confidence of the upper bound that is held against the margin. */
    nonInferiorityConfidence: Type.Number({ minimum: 0.5, exclusiveMaximum: 1 }),
    /** Share of outcomes inside the central 80 % and 95 % intervals. */
    coverage80: CoverageBoundsSchema,
    coverage95: CoverageBoundsSchema,
    /** Test sessions. */
    minimumSessions: Type.Integer({ minimum: 2 }),
    /** Sessions between the last bar and now; not asked of historical data. */
    maximumDataAgeSessions: Type.Integer({ minimum: 0 }),
    /** Who says yes after the gate has: nobody but the policy itself, or another person. */
    approvals: Type.Union([Type.Literal('local'), Type.Literal('team')]),
  },
  strict,
)

export type GatePolicy = Readonly<Static<typeof GatePolicySchema>>
export type CoverageBounds = Readonly<Static<typeof CoverageBoundsSchema>>
export type Approvals = GatePolicy['approvals']

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

/** SHA-256 (hex) of the policy: two with the same digest ask the same. */
export function gatePolicyDigest(policy: GatePolicy): string {
  return digestOf(policy)
}

/**
 * The level spent on the m-th look: alpha / (m (m + 1)).
 *
 * A look is a retrain of the recipe that is judged again, or another recipe that was tried on the
 * same days: each is a chance to look good by luck. The terms add up to alpha · (1 − 1/(M + 1)) over
 * M looks, so however often a series is retrained on and searched, the chance that noise is ever
 * taken for skill stays below alpha (Bonferroni's inequality; the looks may depend on each other in
 * any way, and be tested in any order or not at all).
 *
 * @param look From 1.
 */
export function alphaAtLook(policy: GatePolicy, look: number): number {
  if (!Number.isSafeInteger(look) || look < 1) {
    throw new RangeError(`A look is numbered from 1; got ${look}`)
  }
  return policy.alpha / (look * (look + 1))
}
