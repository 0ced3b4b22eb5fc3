/** What came of doing a run again: every fact that was compared, and the first that differs. */

/**
 * In the order in which one brings about the next: what went in, what computed, what came out.
 *
 * `code` and `node` may differ as long as nothing else does: that results don't depend on them is
 * what a reproduction shows.
 */
const REPRODUCTION_STEPS = [
  'data',
  'config',
  'seed',
  'kernel',
  'code',
  'node',
  'features',
  'training',
  'weights',
  'model',
] as const

export type ReproductionStep = (typeof REPRODUCTION_STEPS)[number]

export interface Comparison {
  readonly step: ReproductionStep
  /** What was compared, such as a symbol, an option, a file. */
  readonly subject: string
  /** null: the run does not say. */
  readonly recorded: string | null
  /** null: it is not there, or could not be computed. */
  readonly now: string | null
  /** What to make of a difference, where more can be said. */
  readonly note?: string
}

export interface Reproduction {
  readonly run: string
  readonly model: string
  /** Whether the same went in and the same came out, to the last bit. */
  readonly identical: boolean
  readonly firstDifference: Comparison | null
  readonly comparisons: readonly Comparison[]
}

const MAY_DIFFER: readonly ReproductionStep[] = ['code', 'node']

export function isSame({ recorded, now }: Comparison): boolean {
  return recorded === now
}

export function concludeReproduction(
  head: Pick<Reproduction, 'run' | 'model'>,
  comparisons: readonly Comparison[],
): Reproduction {
  const order = (one: Comparison) => REPRODUCTION_STEPS.indexOf(one.step)
  const sorted = [...comparisons].sort((a, b) => order(a) - order(b))
  const identical = !sorted.some((one) => !isSame(one) && !MAY_DIFFER.includes(one.step))
  const firstDifference = identical ? null : (sorted.find((one) => !isSame(one)) ?? null)
  return { ...head, identical, firstDifference, comparisons: sorted }
}
