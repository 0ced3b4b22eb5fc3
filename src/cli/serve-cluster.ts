/** Several processes on one port: started, replaced when they crash, ended together. */
import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry, type Registry, type RegistryContentType } from 'prom-client'
import { TickerflowError } from '../errors.ts'

type WorkerMessage =
  | { readonly kind: 'listening'; readonly uri: string }
  | { readonly kind: 'metrics-wanted'; readonly ask: number }

interface MetricsReply {
  readonly kind: 'metrics'
  readonly ask: number
  readonly text: string
}

/** A worker that ends sooner than this after its start would only crash again. */
const FAST_END_MS = 5_000

/**
 * Runs the workers until the process is told to end.
 *
 * @param onListening Told the address when the first one listens.
 * @throws {TickerflowError} WORKER_FAILED when workers end as soon as they have started.
 */
export async function superviseWorkers(
  { workers }: { readonly workers: number },
  onListening: (uri: string) => void,
): Promise<string> {
  const metrics = new AggregatorRegistry()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let address: string | undefined
  let isEnding = false

  const start = () => {
    const startedMs = performance.now()
    const worker = cluster.fork()
    worker.on('message', (message: WorkerMessage) => {
      if (message?.kind === 'metrics-wanted') void answerMetrics(metrics, worker, message.ask)
      if (message?.kind !== 'listening' || address !== undefined) return
      address = message.uri
      onListening(address)
    })
    worker.on('exit', (code) => {
      const others = Object.values(cluster.workers ?? {}).filter((one) => one?.isConnected())
      if (isEnding) {
        if (others.length === 0) resolve(address ?? '')
        return
      }
      if (performance.now() - startedMs > FAST_END_MS) start()
      else if (others.length === 0) reject(endedAtOnce(code))
    })
  }

  const end = () => {
    isEnding = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  for (let i = 0; i < workers; i++) start()
  return await promise
}

function endedAtOnce(code: number): TickerflowError {
  return new TickerflowError(
    'WORKER_FAILED',
    `The server's processes ended as soon as they had started (exit code ${code}); their messages above say why.`,
  )
}

async function answerMetrics(
  metrics: AggregatorRegistry<RegistryContentType>,
  worker: Worker,
  ask: number,
): Promise<void> {
  const text = await metrics.clusterMetrics().catch((error) => `# ${error}\n`)
  const reply: MetricsReply = { kind: 'metrics', ask, text }
  if (worker.isConnected()) worker.send(reply)
}

let asks = 0

/** In a worker: gives its metrics to the process that started it, and gets those of all from there. */
export function shareMetrics(registry: Registry): () => Promise<string> {
  // The library answers that process's questions in workers that have made one of these.
  new AggregatorRegistry()
  AggregatorRegistry.setRegistries([registry])
  return metricsOfCluster
}

function metricsOfCluster(): Promise<string> {
  const ask = asks++
  return new Promise((resolve) => {
    const listen = (message: MetricsReply) => {
      if (message?.kind !== 'metrics' || message.ask !== ask) return
      process.off('message', listen)
      resolve(message.text)
    }
    process.on('message', listen)
    process.send?.({ kind: 'metrics-wanted', ask } satisfies WorkerMessage)
  })
}
