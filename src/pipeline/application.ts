/** What the lifecycle works with; `compose.ts` builds it from the configuration. */
import type { BarStore } from '../market/bar-store.ts'
import type { GatePolicy } from '../registry/gate-policy.ts'
import type { PromotionContext } from '../registry/promotion.ts'
import type { SqliteConnection } from '../sqlite/sqlite-connection.ts'
import type { StoreDirectory } from '../store-directory.ts'
import type { Run, StringMap, TrackingStore } from '../tracking/tracking-store.ts'
import type { SystemSampler } from './run-recording/system-metrics.ts'
import type { TaskPool } from './task-pool.ts'

export interface Application {
  readonly directory: StoreDirectory
  readonly bars: BarStore
  readonly tracking: TrackingStore
  readonly promotions: PromotionContext
  /** `tickerflow.db`: the program's own records; each part brings its tables (`compose.ts`). */
  readonly database: SqliteConnection
  readonly gatePolicy: GatePolicy
  readonly pool: TaskPool
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** `--now` was given: the clock is not the wall's, and the sample is not taken as history. */
  readonly clockIsSet: boolean
  /** Milliseconds that only ever grow, for durations. */
  readonly stopwatch: () => number
  readonly newId: () => string
  /** Tags that say where a run comes from: program, commit, machine. */
  readonly provenance: () => Promise<StringMap>
  /** Looks at the machine's load from now on. */
  readonly createSampler: () => SystemSampler
  readonly fetch: typeof fetch
  /** Where a person finds an artifact of a run: a path, or a URI when the store is remote. */
  artifactPlace(run: Run, path: string): string
  /** Whoever runs the program, for the record. */
  readonly user: string
  close(): Promise<void>
}
