/** Trains a network in the calling thread. */
import { runTraining, startTraining } from './training-loop.ts'
import { assertRequest, resolveOptions, type TrainingRequest } from './training-request.ts'
import type { TrainedLstm } from './training-result.ts'

/**
 * Trains a network and gives back the weights of the epoch with the lowest validation loss.
 *
 * The same request, with a `random` of the same seed, gives the same weights bit for bit; so does a
 * training that was stopped and went on from any of its checkpoints. The thread is busy until the
 * end: for one large model, `trainLstmParallel` leaves it free and uses more than one core.
 *
 * @throws {RangeError} On shapes or options that do not fit; says what was expected and what came.
 * @throws {TickerflowError} INPUT_NOT_FINITE with the place; TRAINING_DIVERGED when the loss stops
 *   being a number, with `details.best` the serialised best network so far, or null; INTERRUPTED when
 *   the signal is aborted; MODEL_DAMAGED when it can't go on from the checkpoint.
 */
export function trainLstm(request: TrainingRequest): TrainedLstm {
  const options = resolveOptions(request)
  assertRequest(request)
  return runTraining(startTraining(request, options))
}
