/** What every claim of the gate is made from. */
import type { GateEvidence } from './gate-evidence.ts'
import type { GatePolicy } from './gate-policy.ts'
import type { ClaimName, ClaimStanding, GateClaim } from './gate-verdict.ts'

/** Evidence, policy and the level to spend, as every claim reads them. */
export interface Hearing {
  readonly evidence: GateEvidence
  readonly policy: GatePolicy
  readonly alpha: number
}

export interface ClaimParts {
  readonly required?: boolean
  readonly standing: ClaimStanding
  readonly statement: string
  readonly statistic?: number | null
  readonly p?: number | null
  readonly bound?: number | null
  readonly threshold?: number | null
  readonly moreSessions?: number | null
}

/** A required claim, its missing figures `null`. */
export function claimOf(claim: ClaimName, parts: ClaimParts): GateClaim {
  return {
    claim,
    required: true,
    statistic: null,
    p: null,
    bound: null,
    threshold: null,
    moreSessions: null,
    ...parts,
  }
}

/** `79.0 %` */
export function percent(share: number, digits: number): string {
  return `${(100 * share).toFixed(digits)} %`
}
