/** How the learning rate moves from epoch to epoch. */

export type ScheduleSpec =
  | { readonly kind: 'constant' }
  /** Half a cosine from the full rate in the first epoch to `finalFraction` of it in the last. */
  | { readonly kind: 'cosine'; readonly finalFraction: number }
  /** Multiplied by `factor` after `patience` epochs in a row without a better validation loss. */
  | {
      readonly kind: 'reduce-on-plateau'
      readonly factor: number
      readonly patience: number
      readonly minimumFraction: number
    }
  /** One fraction for each epoch; the last one for any that follow. */
  | { readonly kind: 'given'; readonly fractions: readonly number[] }

/** The rate of each epoch in turn, as a fraction of the full rate. */
export interface Schedule {
  /** Fraction for the epoch about to start, counted from 1. */
  fraction(epoch: number): number
  /** Reports whether the epoch that ended had the lowest validation loss so far. */
  endEpoch(improved: boolean): void
  /** Everything that changes, for checkpoints. */
  readState(): ScheduleState
}

export interface ScheduleState {
  readonly fraction: number
  readonly epochsWithoutGain: number
}

const INITIAL_STATE: ScheduleState = { fraction: 1, epochsWithoutGain: 0 }

/** @param epochs Epochs that training may take. @param state To go on from a checkpoint. */
export function createSchedule(
  spec: ScheduleSpec,
  epochs: number,
  state: ScheduleState = INITIAL_STATE,
): Schedule {
  if (spec.kind === 'reduce-on-plateau') return createPlateauSchedule(spec, state)
  return {
    fraction: (epoch) => plannedFraction(spec, epoch, epochs),
    endEpoch: () => {},
    readState: () => INITIAL_STATE,
  }
}

type PlannedSchedule = Exclude<ScheduleSpec, { readonly kind: 'reduce-on-plateau' }>

function plannedFraction(spec: PlannedSchedule, epoch: number, epochs: number): number {
  switch (spec.kind) {
    case 'constant':
      return 1
    case 'cosine':
      return cosineFraction(spec, epoch, epochs)
    case 'given':
      return spec.fractions[epoch - 1] ?? spec.fractions.at(-1) ?? 1
  }
}

function cosineFraction(
  { finalFraction }: { readonly finalFraction: number },
  epoch: number,
  epochs: number,
): number {
  const progress = epochs > 1 ? (epoch - 1) / (epochs - 1) : 0
  return finalFraction + ((1 - finalFraction) * (1 + cosineOfTurn(progress))) / 2
}

/** cos(πx) for x in [0, 1] to 1e-11, as -sin(π(x - ½)) by its series: the same bits everywhere. */
function cosineOfTurn(x: number): number {
  const y = Math.PI * (x - 0.5)
  let term = y
  let sum = y
  for (let n = 3; n <= 17; n += 2) {
    term *= (-y * y) / (n * (n - 1))
    sum += term
  }
  return -sum
}

function createPlateauSchedule(
  spec: Extract<ScheduleSpec, { kind: 'reduce-on-plateau' }>,
  state: ScheduleState,
): Schedule {
  let { fraction, epochsWithoutGain } = state
  return {
    fraction: () => fraction,
    endEpoch(improved) {
      epochsWithoutGain = improved ? 0 : epochsWithoutGain + 1
      if (epochsWithoutGain < spec.patience) return
      fraction = Math.max(spec.minimumFraction, fraction * spec.factor)
      epochsWithoutGain = 0
    },
    readState: () => ({ fraction, epochsWithoutGain }),
  }
}
