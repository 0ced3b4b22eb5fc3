/** The newest forecast of every symbol of a universe, part by part over the threads. */
import type { DuckDbOptions } from '../../market/panel/duckdb.ts'
import type { UniverseSnapshot, UniverseStore } from '../../market/panel/universe-store.ts'
import type { PartForecasts, UniverseModel } from './forecast-part.ts'
import type { UniversePool } from './universe-pool.ts'

export interface UniverseForecasting {
  readonly store: UniverseStore
  readonly pool: UniversePool
  readonly snapshot: UniverseSnapshot
  readonly model: UniverseModel
  /** Of models that draw random numbers while they are fitted. */
  readonly seed: number
  /** Of DuckDB in each thread. */
  readonly database: DuckDbOptions
  readonly signal?: AbortSignal
  /** Called with the symbols that are done. */
  readonly onProgress?: (symbols: number) => void
}

/**
 * Symbols ascending, whatever the threads; a symbol without enough history is named with the reason.
 *
 * @throws {TickerflowError} SNAPSHOT_DAMAGED, DUCKDB_UNAVAILABLE, INTERRUPTED.
 */
export async function forecastUniverse(work: UniverseForecasting): Promise<PartForecasts> {
  const { store, pool, snapshot, signal, model, seed, database } = work
  let done = 0
  const parts = await Promise.all(
    snapshot.parts.map(async (part) => {
      const path = await store.verifiedPath(snapshot, part)
      const result = await pool.forecastPart({ path, model, seed, database }, signal)
      done += part.symbols
      work.onProgress?.(done)
      return result
    }),
  )
  return {
    forecasts: parts.flatMap(({ forecasts }) => forecasts),
    skipped: parts.flatMap(({ skipped }) => skipped),
  }
}
