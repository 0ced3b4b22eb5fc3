/** Tasks for tests of the pool: the model's name says what becomes of its thread. */
import { setTimeout } from 'node:timers/promises'
import { TickerflowError } from '../../src/errors.ts'
import type { WorkerReply, WorkerTask } from '../../src/pipeline/task-worker.ts'

/** Holds on to all that was made before it. */
interface Link {
  readonly before: Link | undefined
}

const FATES: Readonly<Record<string, () => WorkerReply | Promise<WorkerReply>>> = {
  exit: () => process.exit(3),
  memory: () => {
    let last: Link | undefined
    for (;;) last = { before: last }
  },
  astray: async () => {
    queueMicrotask(() => {
      throw new Error('thrown outside of any task')
    })
    return await setTimeout(10_000, { result: { forecasts: [], training: [] } })
  },
  bug: () => ({ thrown: new TypeError('a bug of ours') }),
  endless: () => {
    for (;;) Math.sqrt(2)
  },
  refuse: () => {
    const { code, message, details } = new TickerflowError('DATA_INSUFFICIENT', 'too few')
    return { failure: { code, message, details } }
  },
  good: () => ({ result: { forecasts: [], training: [] } }),
}

export async function runTask({ task }: WorkerTask): Promise<WorkerReply> {
  if (!('spec' in task)) throw new RangeError('Models of these names have no parts')
  return await (FATES[task.spec.name] ?? (FATES.bug as () => WorkerReply))()
}
