/** The loss that a forecast expects of itself: known before the outcome is. */
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import { exp } from '../../numerics/elementary.ts'
import { studentTCrps, studentTLogDensity } from '../../numerics/student-t.ts'

/**
 * Mean CRPS of the forecast over outcomes drawn from itself: half of the mean distance of two draws.
 * In log-return units. An estimate: a forecast that is too sure of itself expects too little.
 *
 * The CRPS is E|X − y| − E|X − X'| / 2; its value at the centre and E|X| give the second term.
 */
export function expectedCrps({ scale, degreesOfFreedom: df }: StudentTDistribution): number {
  const factor = df === Infinity ? 1 : df / (df - 1)
  const meanDistance = 2 * exp(studentTLogDensity(0, df)) * factor
  return scale * (meanDistance - studentTCrps(0, df))
}
