/** The claims about skill: against the naive forecast, the classical models, the champion, the coin. */
import { dieboldMariano } from '../evaluation/skill/diebold-mariano.ts'
import { directionTest, pesaranTimmermann } from '../evaluation/skill/direction.ts'
import { relativeLossBound } from '../evaluation/skill/relative-loss.ts'
import { sessionsNeeded } from '../evaluation/skill/sessions-needed.ts'
import { normalQuantile } from '../numerics/normal.ts'
import { mean } from '../numerics/statistics.ts'
import { type ClaimParts, claimOf, type Hearing, percent } from './gate-claim.ts'
import type { GateEvidence } from './gate-evidence.ts'
import type { ClaimName, ClaimStanding, GateClaim } from './gate-verdict.ts'

/** Chance of settling an open claim within the sessions that are said to be needed. */
const POWER = 0.8

/** Diebold–Mariano against the naive forecast at the level spent on this look. */
export function betterThanNaive(hearing: Hearing): GateClaim {
  const { naive } = hearing.evidence.losses
  const comparison = compare(hearing, naive)
  return claimOf('better-than-naive', {
    ...comparison.figures,
    statement: `${comparison.words} than the naive forecast (${comparison.test}).`,
    moreSessions:
      comparison.figures.standing === 'open' ? sessionsUntilBetter(hearing, naive) : null,
  })
}

/** Non-inferiority to the classical model with the lowest mean loss on these sessions. */
export function notInferiorToClassical(hearing: Hearing): GateClaim {
  const best = bestClassical(hearing.evidence)
  if (best === undefined) {
    return claimOf('not-inferior-to-classical', {
      standing: 'fails',
      statement: 'No classical model was judged on the same sessions, so there is none to match.',
    })
  }
  const [name, losses] = best
  return notInferior(hearing, losses, {
    claim: 'not-inferior-to-classical',
    benchmark: `the best classical model, ${name},`,
  })
}

/** Non-inferiority to what is live now; nothing to claim while nothing is. */
export function notInferiorToChampion(hearing: Hearing): readonly GateClaim[] {
  const { champion } = hearing.evidence.losses
  if (champion === undefined) return []
  return [
    notInferior(hearing, champion, {
      claim: 'not-inferior-to-champion',
      benchmark: 'the version that is live',
    }),
  ]
}

function notInferior(
  { evidence, policy }: Hearing,
  benchmark: Float64Array,
  named: { readonly claim: ClaimName; readonly benchmark: string },
): GateClaim {
  const margin = policy.nonInferiorityMargin
  const level = policy.nonInferiorityConfidence
  const { difference, standardError, upper } = relativeLossBound(
    evidence.losses.candidate,
    benchmark,
    { horizon: evidence.horizon, level },
  )
  const standing = standingOf(upper !== null && upper <= margin, difference <= margin)
  const bound = upper === null ? 'unknown' : signedPercent(upper)
  return claimOf(named.claim, {
    standing,
    statement: `Against ${named.benchmark} the CRPS differs by ${signedPercent(difference)}, and with ${percent(level, 0)} confidence by at most ${bound}; up to ${signedPercent(margin)} is allowed.`,
    statistic: difference,
    bound: upper,
    threshold: margin,
    moreSessions:
      standing === 'open' && standardError !== null
        ? sessionsUntilSettled({
            n: evidence.losses.candidate.length,
            room: margin - difference,
            standardError,
            level,
          })
        : null,
  })
}

/**
 * Better than each classical model: the claim rests on the largest of the p-values, so no
 * correction for their number is needed (intersection–union test, Berger 1982).
 */
export function betterThanClassical(hearing: Hearing): GateClaim {
  const compared = Object.entries(hearing.evidence.losses.classical)
    .map(([name, losses]) => ({ name, ...compare(hearing, losses) }))
    .toSorted((a, b) => (b.figures.p ?? 1) - (a.figures.p ?? 1))
  const [hardest] = compared
  if (hardest === undefined) {
    return claimOf('better-than-classical', {
      required: false,
      standing: 'fails',
      statement: 'No classical model was judged on the same sessions.',
    })
  }
  const allBetter = compared.every(({ figures }) => figures.standing !== 'fails')
  return claimOf('better-than-classical', {
    ...hardest.figures,
    required: false,
    standing: standingOf(hardest.figures.standing === 'holds', allBetter),
    statement: `${hardest.words} than ${hardest.name}, the hardest of the classical models to beat (${hardest.test}).`,
  })
}

/**
 * Signs that depend on the outcome's (Pesaran–Timmermann), and are right more often than the commoner
 * sign would have been (binomial): the claim rests on the larger p-value. On sessions whose outcomes
 * do not overlap: every h-th.
 *
 * The first test alone claims too much for a forecast that leans against a slow average of past
 * outcomes: it takes their mean from the same days, and that mean knows a little of each of them.
 */
export function directionalSkill({ evidence, alpha }: Hearing): GateClaim {
  const apart = (values: Float64Array) => values.filter((_, i) => i % evidence.horizon === 0)
  const forecasts = apart(evidence.direction.forecasts)
  const outcomes = apart(evidence.direction.outcomes)
  const { t, p: ofDependence } = pesaranTimmermann(forecasts, outcomes)
  const { accuracy, majorityShare, p: ofMajority } = directionTest(forecasts, outcomes)
  const p = ofDependence === null || ofMajority === null ? null : Math.max(ofDependence, ofMajority)
  return claimOf('directional-skill', {
    required: false,
    standing: standingOf(p !== null && p <= alpha, t !== null && t > 0),
    statement:
      t === null || p === null
        ? 'Directional skill: undefined, as the forecasts or the outcomes never change sign.'
        : `Directional skill: ${percent(accuracy, 1)} right, where the commoner sign has ${percent(majorityShare, 1)}; z = ${t.toFixed(2)}, p ${pText(p)} against ${level(alpha)}.`,
    statistic: t,
    p,
    threshold: alpha,
  })
}

interface Comparison {
  readonly figures: Required<Pick<ClaimParts, 'standing' | 'statistic' | 'p' | 'threshold'>>
  /** `CRPS 1.20 % lower` */
  readonly words: string
  /** `t = -3.10, p = 0.0010 against 0.0250 at look 1` */
  readonly test: string
}

function compare({ evidence, alpha }: Hearing, benchmark: Float64Array): Comparison {
  const { candidate } = evidence.losses
  const { t, p } = dieboldMariano(candidate, benchmark, { horizon: evidence.horizon })
  const relative = mean(candidate) / mean(benchmark) - 1
  return {
    figures: {
      standing: standingOf(p !== null && p <= alpha, relative < 0),
      statistic: t,
      p,
      threshold: alpha,
    },
    words: `CRPS ${percent(Math.abs(relative), 2)} ${relative < 0 ? 'lower' : 'higher'}`,
    test:
      t === null || p === null
        ? 'the losses do not differ enough for a test'
        : `t = ${t.toFixed(2)}, p ${pText(p)} against ${level(alpha)} at look ${evidence.look}${spokenTrial(evidence)}`,
  }
}

function bestClassical(evidence: GateEvidence): readonly [string, Float64Array] | undefined {
  return Object.entries(evidence.losses.classical).toSorted(([, a], [, b]) => mean(a) - mean(b))[0]
}

function sessionsUntilBetter({ evidence, alpha }: Hearing, benchmark: Float64Array): number | null {
  const options = { horizon: evidence.horizon, level: alpha, power: POWER }
  return sessionsNeeded(evidence.losses.candidate, benchmark, options)
}

/** Until an upper bound falls below a margin that lies `room` away, if nothing else changes. */
function sessionsUntilSettled(estimate: {
  readonly n: number
  readonly room: number
  readonly standardError: number
  readonly level: number
}): number | null {
  const { n, room, standardError } = estimate
  if (!(room > 0)) return null
  const reach = (normalQuantile(estimate.level) + normalQuantile(POWER)) * standardError
  const ratio = reach / room
  return Math.max(1, Math.ceil(n * (ratio * ratio - 1)))
}

function standingOf(proven: boolean, estimated: boolean): ClaimStanding {
  if (proven) return 'holds'
  return estimated ? 'open' : 'fails'
}

function signedPercent(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share, 2)}`
}

/** Said where the trials cost more than the looks. */
function spokenTrial({ look, trial = 1 }: GateEvidence): string {
  return trial > look ? `, trial ${trial} on these days` : ''
}

function pText(p: number): string {
  return p < 0.0001 ? '< 0.0001' : `= ${p.toFixed(4)}`
}

function level(alpha: number): string {
  return alpha < 0.0001 ? alpha.toExponential(1) : alpha.toFixed(4)
}
