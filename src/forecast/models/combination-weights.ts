/** How much each member of a combination counts, learnt from forecasts made in the past. */
import { exp, log } from '../../numerics/elementary.ts'
import { minimiseNelderMead } from '../../numerics/minimise.ts'
import { studentTCrps } from '../../numerics/student-t.ts'
import type { StudentTDistribution } from '../forecast.ts'

/** One past day: what every member forecast before it was known, and what came. */
export interface PastDay {
  /** One per member, in their order. */
  readonly distributions: readonly StudentTDistribution[]
  /** Realised log return over the horizon. */
  readonly outcome: number
  /** Trailing volatility over the horizon: the loss is counted in it, so that calm days count too. */
  readonly unit: number
}

/**
 * Pull towards equal weights, in days per session of the horizon: outcomes that overlap tell less.
 * With thousands of days it decides only between weights that score alike.
 */
const PRIOR_DAYS = 2
/** Keeps the search from running off where a weight tends to zero. */
const LOGIT_PENALTY = 1e-6
/** Finer steps would move a weight by less than a thousandth. */
const SEARCH = { valueTolerance: 1e-8, pointTolerance: 2e-3, maxEvaluations: 150 }

/**
 * One Student-t from several: weighted mean of the locations, weighted geometric means of scales and
 * degrees of freedom.
 *
 * @param weights As many as distributions, not negative, not all zero; they need not sum to one.
 */
export function combineDistributions(
  distributions: readonly StudentTDistribution[],
  weights: readonly number[],
): StudentTDistribution {
  let total = 0
  let location = 0
  let logScale = 0
  let logDegrees = 0
  distributions.forEach((distribution, i) => {
    const weight = weights[i] as number
    total += weight
    location += weight * distribution.location
    logScale += weight * log(distribution.scale)
    logDegrees += weight * log(distribution.degreesOfFreedom)
  })
  return {
    location: location / total,
    scale: exp(logScale / total),
    degreesOfFreedom: exp(logDegrees / total),
  }
}

/**
 * The weights, positive with sum one, of the lowest mean CRPS over past days; equal ones where there
 * are no days.
 *
 * @throws {RangeError} When days have another number of distributions than `members`.
 *
 * Source: Gneiting & Ranjan 2013 on combining predictive distributions by a proper score.
 */
export function fitWeights(
  days: readonly PastDay[],
  { members, horizon }: { readonly members: number; readonly horizon: number },
): readonly number[] {
  if (days.length === 0 || members === 1) return new Array<number>(members).fill(1 / members)
  const columns = columnsOf(days, members)
  const pull = (PRIOR_DAYS * horizon) / days.length
  const objective = (logits: Float64Array) => {
    const weights = softmax(logits)
    let penalty = 0
    for (const weight of weights) penalty += pull * (weight - 1 / members) * (weight - 1 / members)
    for (const logit of logits) penalty += LOGIT_PENALTY * logit * logit
    return meanLoss(columns, weights) + penalty
  }
  return softmax(minimiseNelderMead(objective, new Float64Array(members - 1), SEARCH).point)
}

/** Logits of all members but the first, whose is 0. */
function softmax(logits: Float64Array): number[] {
  const powers = [1, ...Array.from(logits, exp)]
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

/** Days by column, with the logarithms that every evaluation needs. */
interface DayColumns {
  readonly outcome: Float64Array
  readonly unit: Float64Array
  readonly location: readonly Float64Array[]
  readonly logScale: readonly Float64Array[]
  readonly logDegrees: readonly Float64Array[]
}

function columnsOf(days: readonly PastDay[], members: number): DayColumns {
  const wrong = days.find(({ distributions }) => distributions.length !== members)
  if (wrong !== undefined) {
    throw new RangeError(
      `Expected ${members} distributions a day, received ${wrong.distributions.length}`,
    )
  }
  const column = (value: (day: PastDay) => number) => Float64Array.from(days, value)
  const perMember = (value: (distribution: StudentTDistribution) => number) =>
    Array.from({ length: members }, (_, i) =>
      column(({ distributions }) => value(distributions[i] as StudentTDistribution)),
    )
  return {
    outcome: column(({ outcome }) => outcome),
    unit: column(({ unit }) => unit),
    location: perMember(({ location }) => location),
    logScale: perMember(({ scale }) => log(scale)),
    logDegrees: perMember(({ degreesOfFreedom }) => log(degreesOfFreedom)),
  }
}

/** Mean CRPS in units of trailing volatility. */
function meanLoss(columns: DayColumns, weights: readonly number[]): number {
  const { outcome, unit } = columns
  const weighted = (values: readonly Float64Array[], day: number) => {
    let total = 0
    for (let i = 0; i < weights.length; i++) {
      total += (weights[i] as number) * ((values[i] as Float64Array)[day] as number)
    }
    return total
  }
  let total = 0
  for (let day = 0; day < outcome.length; day++) {
    const scale = exp(weighted(columns.logScale, day))
    const z = ((outcome[day] as number) - weighted(columns.location, day)) / scale
    const loss = scale * studentTCrps(z, exp(weighted(columns.logDegrees, day)))
    total += loss / (unit[day] as number)
  }
  return total / outcome.length
}
