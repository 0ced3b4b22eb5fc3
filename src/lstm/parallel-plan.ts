/** How many threads a training should have: what it gains against what threads cost. */
import { trainingFlopsPerWindow } from './architecture.ts'
import { microBatches } from './parallel-memory.ts'
import type { TrainingOptions, TrainingRequest } from './training-request.ts'

/**
 * A step of less gains too little. Measured on two cores of 100 Gflop/s each, two threads take 0.55 of
 * one's time at 2,266 Mflop per step, 0.5 at 236, 0.7 at 83, and all of it at 26.
 */
const LEAST_STEP_FLOPS = 80e6
/** A training of less, about a second's, is half over before other threads have started (0.2 s). */
const LEAST_TRAINING_FLOPS = 100e9

/**
 * Threads for the training, from 1 up to its micro-batches per batch.
 *
 * @param cores As many as may be busy.
 */
export function threadsThatPay(
  { architecture, train }: TrainingRequest,
  options: TrainingOptions,
  cores: number,
): number {
  const windows = train.ends.length
  const batch = Math.min(options.batchSize, windows)
  const flopsPerWindow = trainingFlopsPerWindow(architecture)
  if (batch * flopsPerWindow < LEAST_STEP_FLOPS) return 1
  if (windows * options.epochs * flopsPerWindow < LEAST_TRAINING_FLOPS) return 1
  return Math.max(1, Math.min(cores, microBatches(batch)))
}
