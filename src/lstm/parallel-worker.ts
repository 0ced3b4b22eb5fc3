/** A thread of `trainLstmParallel`: the leader runs the training loop, helpers its micro-batches. */
import { parentPort, workerData } from 'node:worker_threads'
import { isTickerflowError } from '../errors.ts'
import { restoreRandom } from '../numerics/random.ts'
import type { LstmEngine } from './engine.ts'
import { isStopRequested } from './parallel-memory.ts'
import { engineFrom, type LeaderMessage, type ThreadTask } from './parallel-messages.ts'
import { createSharedRunners, helpForEver } from './parallel-runner.ts'
import { runTraining, startTraining } from './training-loop.ts'
import { resolveOptions, type TrainingRequest } from './training-request.ts'

const task = workerData as ThreadTask
const engine = await engineFrom(task.engine)
if (task.role === 'leader') lead(task, engine)
else help(task, engine)

function lead({ request, random, shared }: ThreadTask, engine: LstmEngine): void {
  const whole: TrainingRequest = {
    ...request,
    random: restoreRandom(random),
    engine,
    signal: {
      get aborted() {
        return isStopRequested(shared)
      },
      reason: undefined,
    },
    onEvent: (event) => tell({ event }),
    onCheckpoint: (checkpoint) => tell({ checkpoint }),
  }
  try {
    const runners = (network: Parameters<typeof createSharedRunners>[0]['network']) =>
      createSharedRunners({ network, request: whole, shared })
    tell({ trained: runTraining(startTraining(whole, resolveOptions(whole), runners)) })
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    tell({ failure: { code: error.code, message: error.message, details: error.details } })
  }
}

function tell(message: LeaderMessage): void {
  parentPort?.postMessage(message)
}

function help(task: Extract<ThreadTask, { role: 'helper' }>, engine: LstmEngine): void {
  const request = { ...task.request, random: restoreRandom(task.random), engine }
  const network = engine.createNetwork(request.architecture)
  network.bindRows(request.rows)
  helpForEver({ network, request, shared: task.shared }, task.dropout)
}
