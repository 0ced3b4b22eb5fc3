/** Scores of one forecast against one outcome: what backtests and the live ledger both sum up. */
import type { StudentTDistribution } from '../forecast/forecast.ts'
import { log } from '../numerics/elementary.ts'
import { studentTCdf, studentTCrps, studentTLogDensity } from '../numerics/student-t.ts'

/** Continuous ranked probability score, in log-return units. @param outcome Log return. */
export function crpsOf(forecast: StudentTDistribution, outcome: number): number {
  return forecast.scale * studentTCrps(standardised(forecast, outcome), forecast.degreesOfFreedom)
}

/** Negative log-likelihood, in nats. @param outcome Log return. */
export function nllOf(forecast: StudentTDistribution, outcome: number): number {
  const z = standardised(forecast, outcome)
  return log(forecast.scale) - studentTLogDensity(z, forecast.degreesOfFreedom)
}

/** Probability integral transform: uniform on [0, 1] over many outcomes if calibrated. */
export function pitOf(forecast: StudentTDistribution, outcome: number): number {
  return studentTCdf(standardised(forecast, outcome), forecast.degreesOfFreedom)
}

function standardised({ location, scale }: StudentTDistribution, outcome: number): number {
  return (outcome - location) / scale
}
