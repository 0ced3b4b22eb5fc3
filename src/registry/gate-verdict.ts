/** What the gate answers: one decision, the claims it rests on, and the reasons in plain English. */

export type GateDecision = 'promote' | 'hold' | 'insufficient-evidence'

export type ClaimName =
  | 'finite-losses'
  | 'enough-sessions'
  | 'no-leakage'
  | 'fresh-data'
  | 'coverage-80'
  | 'coverage-95'
  | 'better-than-naive'
  | 'not-inferior-to-classical'
  | 'not-inferior-to-champion'
  | 'better-than-classical'
  | 'directional-skill'

/**
 * One thing that is claimed of a version.
 *
 * `open` means that the estimate speaks for the claim but the evidence is too little to hold it.
 */
export type ClaimStanding = 'holds' | 'open' | 'fails'

/** Figures are `null` where the claim has none, so that a verdict is plain JSON. */
export interface GateClaim {
  readonly claim: ClaimName
  /** Promotion needs every required claim; the others are reported and nothing more. */
  readonly required: boolean
  readonly standing: ClaimStanding
  /** The claim and its figures, as a sentence for people. */
  readonly statement: string
  /** The measured figure: a t or z statistic, a relative difference, a share or a count. */
  readonly statistic: number | null
  /** One-sided p-value. */
  readonly p: number | null
  /** Upper confidence bound of the statistic. */
  readonly bound: number | null
  /** What p, the bound or the statistic was held against. */
  readonly threshold: number | null
  /** About how many more sessions would settle an open claim. */
  readonly moreSessions: number | null
}

export interface GateVerdict {
  readonly decision: GateDecision
  /** Why, a sentence each: what failed or is open, or what carried a promotion. */
  readonly reasons: readonly string[]
  readonly claims: readonly GateClaim[]
  readonly policyVersion: string
  /** SHA-256 (hex) of the policy. */
  readonly policyDigest: string
  /** Which look at the recipe this was, from 1. */
  readonly look: number
  /** Which trial on these days it was, from 1, counting every recipe. */
  readonly trial: number
  /** The one-sided level spent on it. */
  readonly alpha: number
}
