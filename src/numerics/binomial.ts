/** Exact tests of a number of successes. */
import { exp, log, log1p } from './elementary.ts'
import { lgamma, regularisedBeta } from './special.ts'

/** Which deviations from the supposed probability count as evidence. */
export type Alternative = 'greater' | 'less' | 'two-sided'

/**
 * P(X <= successes) for `trials` independent trials.
 *
 * @param probability Of a success, in [0, 1].
 */
export function binomialCdf(successes: number, trials: number, probability: number): number {
  assertTrials(trials, probability)
  const k = Math.floor(successes)
  if (k < 0) return 0
  if (k >= trials) return 1
  return regularisedBeta(1 - probability, trials - k, k + 1)
}

/** P(X = successes), 0 outside 0 … trials. */
export function binomialProbability(
  successes: number,
  trials: number,
  probability: number,
): number {
  assertTrials(trials, probability)
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) return 0
  if (probability === 0 || probability === 1) {
    return successes === (probability === 0 ? 0 : trials) ? 1 : 0
  }
  const ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
  return exp(ways + successes * log(probability) + (trials - successes) * log1p(-probability))
}

/**
 * p-value of a count of successes against a supposed probability.
 *
 * 'two-sided' adds up the outcomes no more probable than the observed one.
 */
export function binomialTest(
  successes: number,
  trials: number,
  probability: number,
  alternative: Alternative = 'two-sided',
): number {
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new RangeError(`Expected 0 to ${trials} successes, received ${successes}`)
  }
  if (alternative === 'less') return binomialCdf(successes, trials, probability)
  if (alternative === 'greater') return atLeast(successes, trials, probability)
  return twoSided(successes, trials, probability)
}

/** P(X >= successes). */
function atLeast(successes: number, trials: number, probability: number): number {
  assertTrials(trials, probability)
  if (successes <= 0) return 1
  return regularisedBeta(probability, successes, trials - successes + 1)
}

function twoSided(successes: number, trials: number, probability: number): number {
  const limit = binomialProbability(successes, trials, probability) * (1 + 1e-7)
  const centre = trials * probability
  if (successes === centre) return 1
  const asRare = (k: number) => binomialProbability(k, trials, probability) <= limit
  if (successes < centre) {
    const from = firstWhere(Math.ceil(centre), trials + 1, asRare)
    return Math.min(
      1,
      binomialCdf(successes, trials, probability) + atLeast(from, trials, probability),
    )
  }
  const below = firstWhere(0, Math.floor(centre) + 1, (k) => !asRare(k))
  return Math.min(
    1,
    binomialCdf(below - 1, trials, probability) + atLeast(successes, trials, probability),
  )
}

/** The first integer in [low, high) from which a monotone condition holds; `high` if none. */
function firstWhere(low: number, high: number, holds: (k: number) => boolean): number {
  let [from, to] = [low, high]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (holds(middle)) to = middle
    else from = middle + 1
  }
  return from
}

function assertTrials(trials: number, probability: number): void {
  if (Number.isInteger(trials) && trials >= 0 && probability >= 0 && probability <= 1) return
  throw new RangeError(
    `Expected a whole number of trials and a probability, received ${trials} and ${probability}`,
  )
}
