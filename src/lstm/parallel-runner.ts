/** The batches of one training divided over threads: the leader's side and the helpers'. */
import { type BatchRunner, createMicroBatchRunner, sumWeights } from './batch.ts'
import type { DropoutStream } from './dropout.ts'
import { type LstmNetwork, MICRO_BATCH, type PackedVector } from './engine.ts'
import { createLoss } from './losses.ts'
import {
  awaitRound,
  awaitTickets,
  createRound,
  drawTicket,
  finishTicket,
  microBatches,
  openRound,
  type Round,
  readRound,
  type SharedTraining,
  ticketsOpened,
} from './parallel-memory.ts'
import { type BatchRunners, fillNaturalOrder } from './training-loop.ts'
import type { TrainingRequest } from './training-request.ts'
import type { TrainingWindows } from './windows.ts'

/** One thread's part in a training. */
export interface Share {
  readonly network: LstmNetwork
  readonly request: TrainingRequest
  readonly shared: SharedTraining
}

/** Runs one micro-batch of a round and puts its loss and gradients into its slot. */
type RunTicket = (ticket: number, round: Round, dropout: DropoutStream | undefined) => void

function createTicketRunner({ network, request, shared }: Share): RunTicket {
  const loss = createLoss(request.loss)
  const train = createMicroBatchRunner(network, loss, request.train)
  const validation = createMicroBatchRunner(network, loss, request.validation)
  const part = { from: 0, to: 0, totalWeight: 0 }
  return (ticket, round, dropout) => {
    part.from = round.from + ticket * MICRO_BATCH
    part.to = Math.min(part.from + MICRO_BATCH, round.to)
    part.totalWeight = round.totalWeight
    if (round.validates) {
      shared.losses[ticket] = validation.lossSum(shared.validationOrder, part)
      return
    }
    if (dropout) dropout.firstWindow = part.from - round.batchFrom
    shared.losses[ticket] = train.lossSum(shared.trainOrder, part, dropout)
    network.backward(train.outputGradients, shared.gradients[ticket])
  }
}

/**
 * Runs tickets for ever; the thread ends when it is terminated.
 *
 * @param dropout As the leader's, its step aside.
 */
export function helpForEver(share: Share, dropout: DropoutStream | undefined): never {
  const { network, shared } = share
  const runTicket = createTicketRunner(share)
  const round = createRound()
  let adopted = NaN
  for (;;) {
    const opened = ticketsOpened(shared)
    const ticket = drawTicket(shared)
    if (ticket < 0) {
      awaitTickets(shared, opened)
      continue
    }
    readRound(shared, round)
    if (round.firstTicket !== adopted) network.adoptWeights(shared.weights)
    adopted = round.firstTicket
    if (dropout) dropout.step = round.step
    runTicket(ticket, round, dropout)
    finishTicket(shared)
  }
}

/** Runners that open rounds to all threads, take part in them, and sum up in order. */
export function createSharedRunners(share: Share): BatchRunners {
  const { shared, request } = share
  return {
    train: createLeadingRunner(share, request.train),
    validation: createLeadingRunner(share, request.validation),
    trainOrder: fillNaturalOrder(shared.trainOrder),
    validationOrder: fillNaturalOrder(shared.validationOrder),
  }
}

function createLeadingRunner(share: Share, windows: TrainingWindows): BatchRunner {
  const { network, shared } = share
  const { losses, gradients } = shared
  const runTicket = createTicketRunner(share)
  const round = createRound()

  /** @returns Micro-batches in the round; their results are in the slots. */
  function runRound(from: number, to: number, dropout: DropoutStream | undefined): number {
    round.from = from
    round.to = to
    openRound(shared, round)
    for (let ticket = drawTicket(shared); ticket >= 0; ticket = drawTicket(shared)) {
      runTicket(ticket, round, dropout)
      finishTicket(shared)
    }
    awaitRound(shared)
    return microBatches(to - from)
  }

  return {
    lossAndGradients(order, from, to, dropout) {
      round.validates = false
      round.batchFrom = from
      round.totalWeight = sumWeights(windows, order, from, to)
      round.step = dropout?.step ?? 0
      network.zeroGradients()
      if (round.totalWeight === 0) return 0
      network.copyWeights(shared.weights)
      const windowsPerRound = gradients.length * MICRO_BATCH
      let sum = 0
      for (let at = from; at < to; at += windowsPerRound) {
        const count = runRound(at, Math.min(at + windowsPerRound, to), dropout)
        for (let slot = 0; slot < count; slot++) {
          sum += losses[slot] as number
          network.addGradients(gradients[slot] as PackedVector)
        }
      }
      return sum / round.totalWeight
    },
    loss(order, from, to) {
      round.validates = true
      round.totalWeight = sumWeights(windows, order, from, to)
      if (round.totalWeight === 0) return 0
      network.copyWeights(shared.weights)
      const windowsPerRound = losses.length * MICRO_BATCH
      let sum = 0
      for (let at = from; at < to; at += windowsPerRound) {
        const count = runRound(at, Math.min(at + windowsPerRound, to), undefined)
        for (let slot = 0; slot < count; slot++) sum += losses[slot] as number
      }
      return sum / round.totalWeight
    },
  }
}
