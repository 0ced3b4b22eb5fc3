/** How many threads a training should have: what it gains against what threads cost. */
import { trainingFlopsPerWindow } from './architecture.ts'
import { microBatches } from './parallel-memory.ts'
import type { TrainingOptions, TrainingRequest } from './training-request.ts'

/** A step shorter than this gains too little: a round costs some 0.05 ms besides the sums. */
const LEAST_STEP_FLOPS = 40e6
/** A training shorter than this is over before other threads have started. */
const LEAST_TRAINING_FLOPS = 20e9

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
