/** The promotion gate: a pure function from evidence and policy to a verdict. */
import {
  coverageClaims,
  enoughSessions,
  finiteLosses,
  freshData,
  noLeakage,
} from './gate-checks.ts'
import type { Hearing } from './gate-claim.ts'
import { brokenSeries, type GateEvidence, sessionsOf } from './gate-evidence.ts'
import { alphaAtLook, type GatePolicy, gatePolicyDigest } from './gate-policy.ts'
import {
  betterThanClassical,
  betterThanNaive,
  directionalSkill,
  notInferiorToChampion,
  notInferiorToClassical,
} from './gate-skill.ts'
import type { ClaimStanding, GateClaim, GateDecision, GateVerdict } from './gate-verdict.ts'

/**
 * Decides whether a version may be promoted.
 *
 * `promote` when every required claim holds; `hold` when one fails; `insufficient-evidence` when
 * none fails but the evidence is too little for some of them: the reasons then say about how many
 * more sessions it takes. That a version is better than the classical models, and that it has
 * directional skill, is examined too, but promotion does not ask for it.
 *
 * @throws {RangeError} When the series of the evidence are not all of one length, or look or trial
 *   is not numbered from 1.
 */
export function decideGate(evidence: GateEvidence, policy: GatePolicy): GateVerdict {
  const { look, trial = 1 } = evidence
  const alpha = Math.min(alphaAtLook(policy, look), alphaAtLook(policy, trial))
  const claims = examine({ evidence, policy, alpha })
  const decision = decisionOf(claims)
  return {
    decision,
    reasons: reasonsOf(decision, claims),
    claims,
    policyVersion: policy.version,
    policyDigest: gatePolicyDigest(policy),
    look,
    trial,
    alpha,
  }
}

function examine(hearing: Hearing): readonly GateClaim[] {
  const n = sessionsOf(hearing.evidence)
  const broken = brokenSeries(hearing.evidence)
  const basics = [
    finiteLosses(broken),
    enoughSessions(hearing, n),
    noLeakage(hearing),
    freshData(hearing),
  ]
  if (broken.length > 0 || n < 2) return basics
  return [
    betterThanNaive(hearing),
    notInferiorToClassical(hearing),
    ...notInferiorToChampion(hearing),
    ...coverageClaims(hearing),
    ...basics,
    betterThanClassical(hearing),
    directionalSkill(hearing),
  ]
}

function decisionOf(claims: readonly GateClaim[]): GateDecision {
  const standings = new Set(required(claims).map(({ standing }) => standing))
  if (standings.has('fails')) return 'hold'
  return standings.has('open') ? 'insufficient-evidence' : 'promote'
}

function reasonsOf(decision: GateDecision, claims: readonly GateClaim[]): readonly string[] {
  if (decision === 'promote') return required(claims).map(({ statement }) => statement)
  const telling: ClaimStanding = decision === 'hold' ? 'fails' : 'open'
  return required(claims)
    .filter(({ standing }) => standing === telling)
    .map(reasonOf)
}

function reasonOf(claim: GateClaim): string {
  if (claim.standing !== 'open') return claim.statement
  const more = claim.moreSessions
  const advice =
    more === null
      ? 'how many more sessions it takes cannot be said'
      : `about ${more} more sessions are needed`
  return `Not enough evidence: ${claim.statement} If nothing else changes, ${advice}.`
}

function required(claims: readonly GateClaim[]): readonly GateClaim[] {
  return claims.filter((claim) => claim.required)
}
