/** The power that a planted signal's pilot runs promise, claim by claim. */
import { normalCdf, normalQuantile } from '../../src/numerics/normal.ts'
import { mean, standardDeviation } from '../../src/numerics/statistics.ts'
import { alphaAtLook, DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'
import type { CandidateOutcome } from './series-judgement.ts'

export interface StatedPower {
  readonly betterThanNaive: number
  readonly notInferior: number
  /** The product: of both claims, were they independent. */
  readonly promotion: number
}

/**
 * Chance of each claim for a series like those of the pilot: that its statistic, normal with the mean
 * and the spread over the pilot's series, passes the level of the default policy's first look.
 */
export function statedPower(pilot: readonly CandidateOutcome[]): StatedPower {
  const { nonInferiorityMargin, nonInferiorityConfidence } = DEFAULT_GATE_POLICY
  const level = alphaAtLook(DEFAULT_GATE_POLICY, 1)
  const classical = Object.keys(pilot[0]?.gains ?? {}).filter((name) => name !== 'naive')
  const better = chance(pilot, { benchmark: 'naive', margin: 0, level: 1 - level })
  const notInferior = Math.min(
    ...classical.map((benchmark) =>
      chance(pilot, { benchmark, margin: nonInferiorityMargin, level: nonInferiorityConfidence }),
    ),
  )
  return { betterThanNaive: better, notInferior, promotion: better * notInferior }
}

interface Bound {
  readonly benchmark: string
  readonly margin: number
  readonly level: number
}

/** That the upper bound of the difference lies below the margin. */
function chance(pilot: readonly CandidateOutcome[], { benchmark, margin, level }: Bound): number {
  const statistics = pilot
    .flatMap(({ gains }) => gains[benchmark] ?? [])
    .map(({ difference, standardError }) => (margin - difference) / standardError)
  const spread = standardDeviation(statistics)
  return normalCdf((mean(statistics) - normalQuantile(level)) / spread)
}
