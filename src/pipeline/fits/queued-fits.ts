/** Sends the fits of an evaluation through the queue, and waits for what its workers make of them. */
import { availableParallelism } from 'node:os'
import { TickerflowError } from '../../errors.ts'
import type { FoldTask } from '../../evaluation/fold-task.ts'
import type { JobEnd, JobFlow } from '../../queue/job-queue.ts'
import type { Application } from '../application.ts'
import type { FoldCheckpoints } from '../fold-checkpoints.ts'
import { decodeFoldResult } from '../fold-result-bytes.ts'
import { createFitHandlers } from './fit-handlers.ts'
import { type BarRows, fitFlows, fitKey, fitMessage } from './fit-message.ts'

export interface QueuedFitsRequest {
  readonly tasks: readonly FoldTask[]
  /** What the tasks' frames were built from, all of it in the store. */
  readonly bars: readonly BarRows[]
  readonly report: (note: string) => void
}

/** Jobs at a time for each thread of this process: none waits while another job is fetched. */
const JOBS_PER_THREAD = 2

export async function openQueuedFits(
  app: Application,
  { tasks, bars, report }: QueuedFitsRequest,
): Promise<FoldCheckpoints> {
  const queue = await app.queue.open()
  const { program } = app.queue
  const flows = fitFlows(tasks, { bars, program: await program() })
  const found = new Set<string>()
  for (const flow of flows) for (const key of await queue.add(flow)) found.add(key)
  const worker = app.queue.isLocal
    ? await queue.work(createFitHandlers(app), {
        concurrency: JOBS_PER_THREAD * (app.queue.threads ?? availableParallelism()),
        onlyOwn: true,
      })
    : undefined
  if ((await queue.workers()) === 0) {
    report(`no worker is connected to ${queue.place} yet: tickerflow worker`)
  }
  const keyOf = await program().then(
    (digest) => (task: FoldTask) => fitKey(fitMessage(task, bars), digest),
  )
  let isWhole = true

  return {
    async execute(task, signal, onPart) {
      const key = keyOf(task)
      const end = await queue.outcome(key, { signal, onProgress: onPart }).catch((error) => {
        isWhole = false
        throw error
      })
      if (end.state !== 'done') {
        isWhole = false
        throw notDone(key, labelOf(flows, key), end)
      }
      const result = decodeFoldResult(end.result)
      return found.has(key) ? { ...result, resumed: true } : result
    },
    async settle() {
      // What gathers the results comes after the last of them.
      if (isWhole) await Promise.all(flows.map(({ key }) => queue.outcome(key)))
      await worker?.close()
    },
    async clear() {},
  }
}

function labelOf(flows: readonly JobFlow[], key: string): string {
  const all = (flow: JobFlow): readonly JobFlow[] => [flow, ...(flow.children ?? []).flatMap(all)]
  return flows.flatMap(all).find((flow) => flow.key === key)?.label ?? key
}

function notDone(key: string, label: string, end: Exclude<JobEnd, { state: 'done' }>) {
  const short = key.slice(0, 12)
  const what =
    end.state === 'cancelled'
      ? `The job ${short} (${label}) was cancelled.`
      : `The job ${short} (${label}) was given up: ${end.failure.message}`
  return new TickerflowError(
    'JOB_FAILED',
    `${what.replace(/\.?$/, '.')} Once nothing stands in its way any more: tickerflow jobs retry ${short}.`,
    { details: { key, label, ...(end.state === 'dead' ? { failure: end.failure } : {}) } },
  )
}
