/** What the lifecycle works with; `compose.ts` builds it from the configuration. */
import type { BarStore } from '../market/bar-store.ts'
import type { Bars } from '../market/bars.ts'
import type { AlertChannel } from '../monitoring/alerts/deliver-notices.ts'
import type { ForecastLedger } from '../monitoring/ledger/forecast-ledger.ts'
import type { GatePolicy } from '../registry/gate-policy.ts'
import type { PromotionContext } from '../registry/promotion.ts'
import type { Slot } from '../registry/promotion-journal.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { StoreDirectory } from '../store-directory.ts'
import type { Run, StringMap, TrackingStore } from '../tracking/tracking-store.ts'
import type { FoldCheckpoints } from './fold-checkpoints.ts'
import type { SystemSampler } from './run-recording/system-metrics.ts'
import type { TaskPool } from './task-pool.ts'
import type { WorkQueue } from './work-queue.ts'

/** Prices as they were known at some time. */
export interface PriceHistory {
  /** Bars whose session had closed by the clock. */
  read(symbol: string): Promise<Bars>
}

export interface Application {
  readonly directory: StoreDirectory
  readonly bars: BarStore
  readonly tracking: TrackingStore
  readonly promotions: PromotionContext
  /** The program's own records: `tickerflow.db`, or PostgreSQL; each part brings its tables. */
  readonly database: StateDatabase
  /** The record of forecasts, for the writer of this chain. */
  readonly openLedger: (chain: string) => ForecastLedger
  /** What is live; may lag behind a promotion by `LIVE_LAG_MS` where several processes share it. */
  readonly liveVersion: (slot: Slot) => number | undefined
  readonly gatePolicy: GatePolicy
  readonly pool: TaskPool
  /** Work that other processes do, too. */
  readonly queue: WorkQueue
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** `--now` was given: the clock is not the wall's, and the sample is not taken as history. */
  readonly clockIsSet: boolean
  /** The machine's own, whatever `--now` says: for leases, which have to run out. */
  readonly wallClock: () => number
  /** Milliseconds that only ever grow, for durations. */
  readonly stopwatch: () => number
  readonly newId: () => string
  /** Tags that say where a run comes from: program, commit, machine. */
  readonly provenance: () => Promise<StringMap>
  /** Looks at the machine's load from now on. */
  readonly createSampler: () => SystemSampler
  readonly fetch: typeof fetch
  /** Who is told of alerts. */
  readonly alertChannels: readonly AlertChannel[]
  /** Where a person finds an artifact of a run: a path, or a URI when the store is remote. */
  artifactPlace(run: Run, path: string): string
  /** Whoever runs the program, for the record. */
  readonly user: string
  /** Of a replay: prices as they were known at the clock's time, instead of a source's. */
  readonly history?: PriceHistory
  /** Of a replay: fits of folds that outlive the evaluation that needed them. */
  readonly keptFolds?: FoldCheckpoints
  close(): Promise<void>
}
