/** How much waits in the queue, for Prometheus and for whatever starts and ends workers by it. */
import { createServer } from 'node:http'
import { Gauge, Registry } from 'prom-client'
import type { JobQueue } from '../queue/job-queue.ts'

/** Asked for when somebody asks for metrics, so that what they say is true then. */
export function registerQueueGauges(registry: Registry, open: () => Promise<JobQueue>): void {
  new Gauge({
    name: 'tickerflow_queue_jobs',
    help: 'Jobs in the queue, by state; blocked ones wait for others.',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      const counts = await (await open()).counts()
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'tickerflow_queue_workers',
    help: 'Workers that are connected to the queue.',
    registers: [registry],
    async collect() {
      const workers = await (await open()).workers()
      if (workers === undefined) this.remove()
      else this.set(workers)
    },
  })
}

export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** A server of nothing but the queue's metrics, for a worker. */
export async function serveQueueMetrics(
  queue: JobQueue,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const registry = new Registry()
  registerQueueGauges(registry, async () => queue)
  const server = createServer(async (request, reply) => {
    if (request.url !== '/metrics') {
      reply.writeHead(404).end()
      return
    }
    try {
      const text = await registry.metrics()
      reply.writeHead(200, { 'content-type': registry.contentType }).end(text)
    } catch (error) {
      reply.writeHead(503).end(`${(error as Error).message}\n`)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host}:${taken}/metrics`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
