/**
 * Successive halving: many settings are judged cheaply, the better ones at more expense, until a few
 * have been judged in full.
 *
 * Source: Jamieson & Talwalkar 2016.
 */

export interface HalvingPlan {
  readonly trials: number
  readonly reduction: number
  /** Folds of the last round. */
  readonly folds: number
}

export interface Round {
  /** Trials that enter it, the reference not counted. */
  readonly trials: number
  /** Folds that each has been judged on by its end. */
  readonly folds: number
}

/** Rounds with twice the folds of the one before and one trial in `reduction`; at least one trial. */
export function planRounds({ trials, reduction, folds }: HalvingPlan): Round[] {
  const rounds: Round[] = [{ trials, folds: 1 }]
  for (let last = rounds[0]; last !== undefined && last.folds < folds; last = rounds.at(-1)) {
    rounds.push({
      trials: Math.max(1, Math.ceil(last.trials / reduction)),
      folds: Math.min(folds, 2 * last.folds),
    })
  }
  return rounds
}

/** Judgements that the plan needs, the reference's included. */
export function countJudgements(rounds: readonly Round[]): number {
  const fresh = rounds.map(({ trials, folds }, i) => {
    const before = rounds[i - 1]?.folds ?? 0
    return (trials + 1) * (folds - before)
  })
  return fresh.reduce((sum, count) => sum + count, 0)
}

export interface Halving {
  readonly rounds: readonly Round[]
  /** Mean loss of a trial over the first `folds` folds. Trial 0 is the reference. */
  readonly judge: (trial: number, folds: number) => Promise<number>
  /** Called as a trial's fate is decided: how far it came. */
  readonly onDecided?: (trial: number, losses: readonly number[]) => Promise<void>
}

export interface Judged {
  readonly trial: number
  /** Mean loss at the end of each round that it took part in. */
  readonly losses: readonly number[]
}

/**
 * Runs the rounds. Trials of a round are judged at once; the reference, trial 0, is in every round and
 * never takes another's place, so that what wins has been compared with it on all folds.
 *
 * @returns All trials in order. Of equal losses the earlier trial goes on.
 */
export async function halve({ rounds, judge, onDecided }: Halving): Promise<readonly Judged[]> {
  const losses = new Map<number, number[]>()
  let alive = Array.from({ length: rounds[0]?.trials ?? 0 }, (_, i) => i + 1)
  for (const [i, { folds }] of rounds.entries()) {
    const entered = [0, ...alive]
    const results = await Promise.all(entered.map((trial) => judge(trial, folds)))
    entered.forEach((trial, at) => {
      losses.set(trial, [...(losses.get(trial) ?? []), results[at] as number])
    })
    const ranked = alive.toSorted((a, b) => lastOf(losses, a) - lastOf(losses, b) || a - b)
    const next = ranked.slice(0, rounds[i + 1]?.trials ?? 0)
    const decided = alive.filter((trial) => !next.includes(trial))
    for (const trial of decided) await onDecided?.(trial, losses.get(trial) ?? [])
    alive = next.toSorted((a, b) => a - b)
  }
  await onDecided?.(0, losses.get(0) ?? [])
  return [...losses]
    .map(([trial, own]) => ({ trial, losses: own }))
    .toSorted((a, b) => a.trial - b.trial)
}

function lastOf(losses: ReadonlyMap<number, readonly number[]>, trial: number): number {
  const loss = losses.get(trial)?.at(-1) ?? Number.NaN
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss
}
