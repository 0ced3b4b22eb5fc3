/**
 * What the threads of one training share, and how they divide a batch: the leader opens a round of
 * micro-batches, every thread draws tickets until none are left, and the leader goes on when all are
 * done. A ticket says which micro-batch to run and which slot its results go to, so that it never
 * matters who drew it, or when.
 *
 * Tickets are numbered through the whole training, and every round begins where the last one ended: a
 * thread that wakes up late finds no ticket, and can't mistake one round for another.
 */
import type { PackedLayout, PackedVector } from './engine.ts'
import { MICRO_BATCH } from './engine.ts'
import type { TrainingRequest } from './training-request.ts'
import type { TrainingWindows } from './windows.ts'

/** Micro-batches per round, at most: bounds the memory for gradients, one vector each. */
const SLOTS = 16

/** Typed arrays over shared memory; as plain data it crosses to a worker without being copied. */
export interface SharedTraining {
  readonly control: Int32Array
  /** Sum of the batch's weights [1]. */
  readonly totalWeight: Float64Array
  /** The leader's weights at the start of the round. */
  readonly weights: PackedVector
  /** Weighted loss sum of each micro-batch of the round [slots]. */
  readonly losses: Float64Array
  /** Gradients of each micro-batch of the round [slots], packed. */
  readonly gradients: readonly PackedVector[]
  readonly trainOrder: Int32Array
  readonly validationOrder: Int32Array
}

// Places in `control`: tickets drawn, tickets opened, tickets done; then what the round is about.
const DRAWN = 0
const OPENED = 1
const DONE = 2
const STOPPED = 3
const FIRST_TICKET = 4
const VALIDATES = 5
const FROM = 6
const TO = 7
const BATCH_FROM = 8
const STEP = 9
const CONTROL_LENGTH = 16

/** Windows of one round: `from` to `to` - 1 of the order, of a batch that begins at `batchFrom`. */
export interface Round {
  /** Number of its first ticket: no two rounds in hand have the same. */
  firstTicket: number
  /** Forward only, through the validation windows. */
  validates: boolean
  from: number
  to: number
  batchFrom: number
  totalWeight: number
  /** The dropout stream's step. */
  step: number
}

export function createRound(): Round {
  return {
    firstTicket: 0,
    validates: false,
    from: 0,
    to: 0,
    batchFrom: 0,
    totalWeight: 0,
    step: 0,
  }
}

export function createSharedTraining(
  { train, validation }: TrainingRequest,
  batchSize: number,
  layout: PackedLayout,
): SharedTraining {
  const count = Math.max(train.ends.length, validation.ends.length)
  const slots = Math.min(SLOTS, microBatches(count))
  const batchSlots = Math.min(slots, microBatches(Math.min(batchSize, train.ends.length)))
  return {
    control: new Int32Array(new SharedArrayBuffer(4 * CONTROL_LENGTH)),
    totalWeight: new Float64Array(new SharedArrayBuffer(8)),
    weights: sharedVector(layout),
    losses: new Float64Array(new SharedArrayBuffer(8 * slots)),
    gradients: Array.from({ length: batchSlots }, () => sharedVector(layout)),
    trainOrder: new Int32Array(new SharedArrayBuffer(4 * train.ends.length)),
    validationOrder: new Int32Array(new SharedArrayBuffer(4 * validation.ends.length)),
  }
}

/** Micro-batches in so many windows. */
export function microBatches(windows: number): number {
  return Math.ceil(windows / MICRO_BATCH)
}

function sharedVector({ length, bytesPerElement }: PackedLayout): PackedVector {
  const buffer = new SharedArrayBuffer(length * bytesPerElement)
  return bytesPerElement === 4 ? new Float32Array(buffer) : new Float64Array(buffer)
}

/** The request with its data in shared memory, for any number of workers to read. */
export function shareData<R extends TrainingRequest>(request: R): R {
  const { rows, train, validation } = request
  return {
    ...request,
    rows: { values: shareArray(rows.values), width: rows.width },
    train: shareWindows(train),
    validation: shareWindows(validation),
  }
}

function shareWindows({ ends, targets, weights }: TrainingWindows): TrainingWindows {
  const shared = { ends: shareArray(ends), targets: shareArray(targets) }
  return weights ? { ...shared, weights: shareArray(weights) } : shared
}

function shareArray<A extends Int32Array | Float32Array | Float64Array>(array: A): A {
  const make = array.constructor as new (buffer: SharedArrayBuffer) => A
  const shared = new make(new SharedArrayBuffer(array.byteLength))
  shared.set(array)
  return shared
}

/** Opens the round's micro-batches to every thread, weights in place, and numbers its tickets. */
export function openRound({ control, totalWeight }: SharedTraining, round: Round): void {
  const first = Atomics.load(control, OPENED)
  round.firstTicket = first
  totalWeight[0] = round.totalWeight
  control[FIRST_TICKET] = first
  control[VALIDATES] = round.validates ? 1 : 0
  control[FROM] = round.from
  control[TO] = round.to
  control[BATCH_FROM] = round.batchFrom
  control[STEP] = round.step
  Atomics.store(control, OPENED, first + microBatches(round.to - round.from))
  Atomics.notify(control, OPENED)
}

/** What the round that is open is about; stays so until the last ticket is done. */
export function readRound({ control, totalWeight }: SharedTraining, out: Round): void {
  out.firstTicket = control[FIRST_TICKET] as number
  out.validates = control[VALIDATES] === 1
  out.from = control[FROM] as number
  out.to = control[TO] as number
  out.batchFrom = control[BATCH_FROM] as number
  out.step = control[STEP] as number
  out.totalWeight = totalWeight[0] as number
}

/** The next micro-batch of the round that is open, counted from 0; -1 when none is left. */
export function drawTicket({ control }: SharedTraining): number {
  for (;;) {
    const ticket = Atomics.load(control, DRAWN)
    if (((Atomics.load(control, OPENED) - ticket) | 0) <= 0) return -1
    if (Atomics.compareExchange(control, DRAWN, ticket, (ticket + 1) | 0) === ticket) {
      return (ticket - (control[FIRST_TICKET] as number)) | 0
    }
  }
}

/** Reports that a drawn micro-batch's results are in their slots. */
export function finishTicket({ control }: SharedTraining): void {
  const done = (Atomics.add(control, DONE, 1) + 1) | 0
  if (done === Atomics.load(control, OPENED)) Atomics.notify(control, DONE)
}

/** Blocks until every ticket of the round is done. */
export function awaitRound({ control }: SharedTraining): void {
  const opened = Atomics.load(control, OPENED)
  for (;;) {
    const done = Atomics.load(control, DONE)
    if (done === opened) return
    Atomics.wait(control, DONE, done)
  }
}

/** Tickets opened so far; take it before drawing, and pass it to `awaitTickets` when none was left. */
export function ticketsOpened({ control }: SharedTraining): number {
  return Atomics.load(control, OPENED)
}

/** Blocks until more tickets than that are open. */
export function awaitTickets({ control }: SharedTraining, opened: number): void {
  Atomics.wait(control, OPENED, opened)
}

/** Asks the leader to stop before its next batch. */
export function requestStop({ control }: SharedTraining): void {
  Atomics.store(control, STOPPED, 1)
}

export function isStopRequested({ control }: SharedTraining): boolean {
  return Atomics.load(control, STOPPED) === 1
}
