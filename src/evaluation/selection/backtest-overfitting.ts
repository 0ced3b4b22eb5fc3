/** How often the best of several trials on one half of the days is below the middle on the other. */
import { sum } from '../../numerics/statistics.ts'

/** What a trial is chosen by: the mean of its daily values, or their mean over their deviation. */
export type SelectionCriterion = 'mean' | 'sharpe'

export interface OverfittingOptions {
  readonly criterion: SelectionCriterion
  /** Blocks that the days are cut into, even; default 16, which gives 12,870 ways to halve them. */
  readonly blocks?: number
}

export interface Overfitting {
  /** Share of the halvings in which the winner came out below the other half's median, or on it. */
  readonly probability: number
  /** Ways to halve the blocks. */
  readonly halvings: number
}

/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation.
 *
 * Around one half, choosing by this criterion on these days says nothing about other days; near
 * zero, the winner is a winner elsewhere too. A tie in sample goes to the trial that comes first,
 * equal values out of sample share their mean rank.
 *
 * @param values Daily values of each trial, larger is better, each [n] on the same days.
 * @throws {RangeError} On fewer than two trials, an odd number of blocks, or fewer than two days a
 *   block.
 *
 * Cost: halvings × trials × blocks. Source: Bailey, Borwein, López de Prado & Zhu 2017.
 */
export function backtestOverfitting(
  values: readonly Float64Array[],
  { criterion, blocks = 16 }: OverfittingOptions,
): Overfitting {
  const n = values[0]?.length ?? 0
  if (values.length < 2 || blocks % 2 !== 0 || blocks < 2 || n < 2 * blocks) {
    throw new RangeError(
      `Expected two trials or more, an even number of blocks and two days for each; received ` +
        `${values.length} trials, ${blocks} blocks, ${n} days`,
    )
  }
  const table = values.map((series) => blockSums(series, blocks))
  const totals = table.map(({ sums, squares }) => ({ sum: sum(sums), square: sum(squares) }))
  const days = Array.from(
    { length: blocks },
    (_, b) => blockStart(n, blocks, b + 1) - blockStart(n, blocks, b),
  )
  const score = criterion === 'mean' ? meanOf : sharpeOf
  const inside = new Float64Array(values.length)
  const outside = new Float64Array(values.length)
  let below = 0
  let halvings = 0
  for (const chosen of halvesOf(blocks)) {
    const count = chosen.reduce((total, block) => total + (days[block] as number), 0)
    table.forEach(({ sums, squares }, trial) => {
      let own = 0
      let square = 0
      for (const block of chosen) {
        own += sums[block] as number
        square += squares[block] as number
      }
      const whole = totals[trial] as { sum: number; square: number }
      inside[trial] = score(count, own, square)
      outside[trial] = score(n - count, whole.sum - own, whole.square - square)
    })
    if (relativeRank(outside, indexOfBest(inside)) <= 0.5) below += 1
    halvings += 1
  }
  return { probability: below / halvings, halvings }
}

interface BlockSums {
  readonly sums: Float64Array
  readonly squares: Float64Array
}

function blockStart(n: number, blocks: number, block: number): number {
  return Math.floor((block * n) / blocks)
}

function blockSums(series: Float64Array, blocks: number): BlockSums {
  const sums = new Float64Array(blocks)
  const squares = new Float64Array(blocks)
  for (let b = 0; b < blocks; b++) {
    const block = series.subarray(
      blockStart(series.length, blocks, b),
      blockStart(series.length, blocks, b + 1),
    )
    sums[b] = sum(block)
    squares[b] = sum(block.map((value) => value * value))
  }
  return { sums, squares }
}

function meanOf(count: number, total: number): number {
  return total / count
}

/** Trials that never take a position have a ratio of zero. */
function sharpeOf(count: number, total: number, square: number): number {
  const mean = total / count
  const variance = (square - total * mean) / (count - 1)
  return variance > 0 ? mean / Math.sqrt(variance) : 0
}

function indexOfBest(scores: Float64Array): number {
  let best = 0
  for (let i = 1; i < scores.length; i++) {
    if ((scores[i] as number) > (scores[best] as number)) best = i
  }
  return best
}

/** Rank from the bottom, 1 to N, over N + 1. */
function relativeRank(scores: Float64Array, index: number): number {
  const own = scores[index] as number
  let lower = 0
  let equal = 0
  for (const score of scores) {
    if (score < own) lower += 1
    else if (score === own) equal += 1
  }
  return (lower + (equal + 1) / 2) / (scores.length + 1)
}

/** All sets of half of the numbers 0 … size − 1, each ascending. */
function* halvesOf(size: number): Generator<readonly number[]> {
  const half = size / 2
  const chosen = Array.from({ length: half }, (_, i) => i)
  for (;;) {
    yield chosen
    let last = half - 1
    while (last >= 0 && chosen[last] === size - half + last) last -= 1
    if (last < 0) return
    chosen[last] = (chosen[last] as number) + 1
    for (let i = last + 1; i < half; i++) chosen[i] = (chosen[i - 1] as number) + 1
  }
}
