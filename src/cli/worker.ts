/** `tickerflow worker`: does the fits that other processes send, until it is asked to stop. */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { createFitHandlers } from '../pipeline/fits/fit-handlers.ts'
import type { WorkerEvent } from '../queue/job-queue.ts'
import { serveQueueMetrics } from '../serving/queue-metrics.ts'
import { type GlobalOptions, withContext } from './context.ts'

export interface WorkerOptions extends GlobalOptions {
  readonly concurrency?: number
  readonly threads?: number
  readonly metricsPort?: number
  readonly host: string
}

export async function work(options: WorkerOptions): Promise<void> {
  const concurrency = options.concurrency ?? availableParallelism()
  const threads = options.threads ?? concurrency
  await withContext(options, { threads }, async ({ app, signal, answer }) => {
    const queue = await app.queue.open()
    const counts = { done: 0, failed: 0, lost: 0 }
    const say = createSpeaker()
    const onEvent = (event: WorkerEvent) => {
      if (event.event in counts) counts[event.event as keyof typeof counts]++
      say(event)
    }
    const worker = await queue.work(createFitHandlers(app), { concurrency, onEvent })
    const { metricsPort: port, host } = options
    const metrics = port === undefined ? undefined : await serveQueueMetrics(queue, { host, port })
    const width = `${concurrency} ${concurrency === 1 ? 'job' : 'jobs'} at a time`
    process.stderr.write(`Worker of ${queue.place}, ${width}; Ctrl-C ends it.\n`)
    if (metrics !== undefined) process.stderr.write(`Metrics at ${metrics.url}\n`)
    if (!signal.aborted) await once(signal, 'abort')
    await worker.close()
    await metrics?.close()
    answer(counts, () => `${counts.done} jobs done, ${counts.failed} attempts failed.`)
  })
}

/** One line for each job that ends; a queue that is away is told of once. */
function createSpeaker() {
  let isAway = false
  return ({ event, label, message }: WorkerEvent) => {
    if (event === 'unreachable') {
      if (!isAway) process.stderr.write(`The queue cannot be reached: ${message}\n`)
      isAway = true
      return
    }
    isAway = false
    if (event === 'begun') return
    const reason = message === undefined ? '' : `: ${message}`
    process.stderr.write(`${event}${label === undefined ? '' : ` ${label}`}${reason}\n`)
  }
}
