/** Wires the adapters from the configuration: the only place that knows all of them. */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { holderName } from './cli/holder-name.ts'
import type { Config } from './config.ts'
import { createBarStore } from './market/bar-store.ts'
import { ALERTS_SCHEMA } from './monitoring/alerts/alerts-schema.ts'
import { createChannels } from './monitoring/alerts/channels/create-channels.ts'
import type { AlertChannel } from './monitoring/alerts/deliver-notices.ts'
import { LEDGER_SCHEMA } from './monitoring/ledger/ledger-schema.ts'
import { MONITORING_SCHEMA } from './monitoring/report-store.ts'
import { openState } from './open-state.ts'
import type { Application } from './pipeline/application.ts'
import { JOBS_SCHEMA } from './pipeline/jobs/jobs-schema.ts'
import type { Simulation } from './pipeline/replay/simulation.ts'
import { RETRAINING_SCHEMA } from './pipeline/retraining/retraining-journal.ts'
import { provenanceTags } from './pipeline/run-recording/provenance.ts'
import { createSystemSampler } from './pipeline/run-recording/system-sampler.ts'
import { STEPS_SCHEMA } from './pipeline/steps/steps-schema.ts'
import { createTaskPool } from './pipeline/task-pool.ts'
import { createWorkQueue } from './pipeline/work-queue.ts'
import { openJobQueue } from './queue/open-job-queue.ts'
import { readGatePolicy } from './registry/gate-policy-file.ts'
import { recoverPromotions } from './registry/promotion.ts'
import { REGISTRY_SCHEMA } from './registry/registry-database.ts'
import { TRIAL_LEDGER_SCHEMA } from './registry/trial-ledger-schema.ts'
import { KEYS_SCHEMA } from './serving/access/keys-schema.ts'
import { openStoreDirectory } from './store-directory.ts'
import type { SpoolEvent } from './tracking/client/spool/outbox.ts'
import type { TrackingCredentials } from './tracking/client/tracking-http.ts'
import { openTrackingStore } from './tracking/open-tracking-store.ts'

/** The package's root is one folder up from src and from dist alike. */
const PROGRAM = fileURLToPath(new URL('..', import.meta.url))

/** Alertmanager takes an alert for over when so many reminders have not come. */
const EXPIRES_AFTER_REMINDERS = 7

/** The tables of the program's own records, by the parts that keep them. */
export const STATE_SCHEMAS = [
  REGISTRY_SCHEMA,
  LEDGER_SCHEMA,
  MONITORING_SCHEMA,
  TRIAL_LEDGER_SCHEMA,
  KEYS_SCHEMA,
  RETRAINING_SCHEMA,
  JOBS_SCHEMA,
  STEPS_SCHEMA,
  ALERTS_SCHEMA,
]

export interface ComposeOptions {
  /** `--now`: every question for the time is answered with this instant, UTC milliseconds. */
  readonly nowMs?: number | undefined
  /** Of the tracking server. */
  readonly credentials?: TrackingCredentials
  /** How long a call waits for a shared database that does not answer. Left out: 20 s. */
  readonly statePatienceMs?: number | undefined
  /** Told when the tracking server goes away, comes back or refuses something. */
  readonly onTrackingEvent?: (event: SpoolEvent) => void
  /** Secrets of the alerts' channels, by variable; left out, there are none. */
  readonly secretOf?: (variable: string) => string | undefined
  /** Lines of the channel `log`; left out, they go nowhere. */
  readonly onAlertLine?: (line: string) => void
  /** Of a replay: its own time, names and prices. */
  readonly simulation?: Simulation
}

/**
 * Opens everything that the commands work with, and completes what a crash left half-done.
 *
 * @throws {TickerflowError} What opening the store throws; nothing is left open then.
 */
export async function composeApplication(
  config: Config,
  options: ComposeOptions = {},
): Promise<Application> {
  const { nowMs, credentials, onTrackingEvent, simulation } = options
  const alertChannels = createAlertChannels(config, options)
  const directory = await openStoreDirectory(config.store)
  const state = await openState({
    file: directory.tickerflowDb,
    // A replay has records of its own.
    postgres: simulation === undefined ? config.state.postgres : undefined,
    patienceMs: options.statePatienceMs,
    schemas: STATE_SCHEMAS,
    machineClock: () => Date.now(),
  })
  const { database, wallClock } = state
  const clock = simulation?.clock ?? (nowMs === undefined ? wallClock : () => nowMs)
  const newId = simulation?.newId ?? (() => randomUUID().replaceAll('-', ''))
  const { store: tracking, artifactPlace } = await openTrackingStore({
    uri: config.trackingUri,
    directory,
    clock,
    newId,
    fetch: globalThis.fetch,
    credentials,
    s3EndpointUrl: config.s3EndpointUrl,
    retries: config.trackingRetries,
    timeoutSeconds: config.trackingTimeoutSeconds,
    onEvent: onTrackingEvent,
  })
  const promotions = { tracking, database, clock, newId, rules: config.promotion }
  const pool = simulation?.pool ?? createTaskPool(config.threads)
  const queue = createWorkQueue({
    isLocal: config.queue.redis === undefined,
    threads: config.threads,
    open: (program) =>
      openJobQueue({
        file: directory.tickerflowDb,
        config: config.queue,
        password: options.secretOf?.('TICKERFLOW_REDIS_PASSWORD'),
        program,
        holder: holderName(),
        // The machine's own: the queue compares it with Redis's where that matters.
        wallClock: () => Date.now(),
        stopwatch: () => performance.now(),
        newId: randomUUID,
      }),
  })
  await recoverPromotions(promotions)
  return {
    directory,
    bars: createBarStore({ directory: directory.bars, temporaryDirectory: directory.tmp, clock }),
    tracking,
    promotions,
    database,
    openLedger: state.openLedger,
    liveVersion: state.liveVersion,
    gatePolicy: readGatePolicy(config.gate),
    pool,
    queue,
    clock,
    clockIsSet: nowMs !== undefined || simulation !== undefined,
    wallClock,
    stopwatch: () => performance.now(),
    newId,
    provenance: () =>
      provenanceTags({ programDirectory: PROGRAM, workingDirectory: process.cwd() }),
    createSampler: createSystemSampler,
    fetch: globalThis.fetch,
    alertChannels,
    artifactPlace,
    ...(simulation === undefined
      ? { user: userInfo().username }
      : { user: simulation.user, history: simulation.history, keptFolds: simulation.keptFolds }),
    async close() {
      await queue.close()
      if (simulation === undefined) await pool.close()
      await state.close()
      await tracking.close()
    },
  }
}

/** A replay tells nobody: what it finds was long ago. */
function createAlertChannels({ alerts }: Config, options: ComposeOptions): readonly AlertChannel[] {
  if (options.simulation !== undefined) return []
  return createChannels(alerts.channels, {
    secretOf: options.secretOf ?? (() => undefined),
    fetch: globalThis.fetch,
    write: options.onAlertLine ?? (() => {}),
    expiryMs: EXPIRES_AFTER_REMINDERS * alerts.remindHours * 3_600_000,
  })
}
