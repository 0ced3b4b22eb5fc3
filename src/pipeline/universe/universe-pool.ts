/** Worker threads for the work of a universe. */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { PanelFeatures } from '../../features/panel-features.ts'
import type { PanelPrices } from '../../market/panel/panel-prices.ts'
import type { ForecastPartTask, PartForecasts } from './forecast-part.ts'
import type { UniverseTask } from './universe-worker.ts'

export interface UniversePool {
  /** Computes the features of all rows of the panel into `out`, which lies in shared memory. */
  computeFeatures(panel: PanelPrices, out: PanelFeatures): Promise<void>
  /** @throws {TickerflowError} What `forecastPart` throws. */
  forecastPart(task: ForecastPartTask, signal?: AbortSignal): Promise<PartForecasts>
  close(): Promise<void>
}

/** Beside this file, in src and in dist alike. */
const WORKER = new URL(`./universe-worker${extname(import.meta.url)}`, import.meta.url)

/** Shares of a panel per thread: small enough that no thread waits long for another at the end. */
const SHARES_PER_THREAD = 8

export function createUniversePool(threads = availableParallelism()): UniversePool {
  const pool = new Piscina({
    filename: fileURLToPath(WORKER),
    name: 'runUniverseTask',
    maxThreads: threads,
    minThreads: 0,
  })
  const run = (task: UniverseTask, signal?: AbortSignal): Promise<PartForecasts | undefined> =>
    pool.run(task, signal === undefined ? {} : { signal })
  return {
    async computeFeatures(panel, out) {
      const shares = sharesOf(panel.symbols.length, threads * SHARES_PER_THREAD)
      const task = { kind: 'features', panel, out } as const
      await Promise.all(shares.map((share) => run({ ...task, ...share })))
    },
    async forecastPart(task, signal) {
      return (await run({ kind: 'forecast', ...task }, signal)) as PartForecasts
    },
    close: () => pool.destroy(),
  }
}

/** `count` things in at most `shares` ranges of nearly one size. */
function sharesOf(count: number, shares: number) {
  const size = Math.max(1, Math.ceil(count / shares))
  return Array.from({ length: Math.ceil(count / size) }, (_, share) => ({
    from: share * size,
    to: Math.min(count, (share + 1) * size),
  }))
}
