/** The claims about the evidence itself: enough of it, fresh, without leakage, calibrated. */
import { claimOf, type Hearing, percent } from './gate-claim.ts'
import type { CoverageBounds } from './gate-policy.ts'
import type { GateClaim } from './gate-verdict.ts'

export function finiteLosses(broken: readonly string[]): GateClaim {
  const sound = broken.length === 0
  return claimOf('finite-losses', {
    standing: sound ? 'holds' : 'fails',
    statement: sound
      ? 'All losses are numbers.'
      : `Some values of ${broken.join(', ')} are not numbers, so nothing can be said.`,
    statistic: broken.length,
    threshold: 0,
  })
}

export function enoughSessions({ policy }: Hearing, n: number): GateClaim {
  const missing = Math.max(0, policy.minimumSessions - n)
  return claimOf('enough-sessions', {
    standing: missing === 0 ? 'holds' : 'open',
    statement: `${n} test sessions; at least ${policy.minimumSessions} are asked for.`,
    statistic: n,
    threshold: policy.minimumSessions,
    moreSessions: missing,
  })
}

export function noLeakage({ evidence }: Hearing): GateClaim {
  const { leakageFindings } = evidence
  const count = leakageFindings.length
  return claimOf('no-leakage', {
    standing: count === 0 ? 'holds' : 'fails',
    statement:
      count === 0
        ? 'The leakage check found nothing.'
        : `The leakage check found: ${leakageFindings.join('; ')}.`,
    statistic: count,
    threshold: 0,
  })
}

export function freshData({ evidence, policy }: Hearing): GateClaim {
  const { dataAgeSessions, historical } = evidence
  const limit = policy.maximumDataAgeSessions
  const fresh = historical || dataAgeSessions <= limit
  return claimOf('fresh-data', {
    standing: fresh ? 'holds' : 'fails',
    statement: historical
      ? 'The data are historical, so their age is not held against them.'
      : `Sessions since the last bar: ${dataAgeSessions}; at most ${limit} are allowed.`,
    statistic: dataAgeSessions,
    threshold: limit,
  })
}

export function coverageClaims({ evidence, policy }: Hearing): readonly GateClaim[] {
  return [
    coverageWithin('coverage-80', evidence.coverage80, policy.coverage80),
    coverageWithin('coverage-95', evidence.coverage95, policy.coverage95),
  ]
}

function coverageWithin(
  claim: 'coverage-80' | 'coverage-95',
  share: number,
  { from, to }: CoverageBounds,
): GateClaim {
  const nominal = claim === 'coverage-80' ? '80 %' : '95 %'
  return claimOf(claim, {
    standing: share >= from && share <= to ? 'holds' : 'fails',
    statement: `The ${nominal} interval held ${percent(share, 1)} of the outcomes; ${percent(from, 1)} to ${percent(to, 1)} is allowed.`,
    statistic: Number.isFinite(share) ? share : null,
  })
}
