/** The embedded tracking store: MLflow's own tables in one SQLite file, artifacts beside it. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unwritable } from '../../atomic-file.ts'
import type { Clock, TrackingStore } from '../tracking-store.ts'
import { listArtifacts, readArtifact, writeArtifact } from './artifact-files.ts'
import { logInputs } from './dataset-queries.ts'
import {
  createExperiment,
  getExperiment,
  getExperimentByName,
  listExperiments,
} from './experiment-queries.ts'
import { getMetricHistory } from './metric-queries.ts'
import {
  createRegisteredModel,
  getRegisteredModel,
  listRegisteredModels,
  updateRegisteredModel,
} from './model-queries.ts'
import { createRun, getRun, logBatch, searchRuns, updateRun } from './run-queries.ts'
import { ensureMlflowSchema } from './schema.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import type { StoreContext } from './store-context.ts'
import {
  createModelVersion,
  deleteAlias,
  getModelVersion,
  getVersionByAlias,
  listModelVersions,
  setAlias,
  setModelVersionStage,
  updateModelVersion,
} from './version-queries.ts'

export interface SqliteTrackingStoreOptions {
  /** The store's directory; `mlflow.db`, `artifacts/` and `tmp/` lie in it. Created when missing. */
  readonly directory: string
  readonly clock: Clock
  /** A new UUID (version 4) as 32 hex digits. */
  readonly newId: () => string
}

/**
 * Opens the embedded store, creating its tables and the experiment `Default` (id 0) when new.
 *
 * Several processes may have the same store open: a writer waits up to 20 seconds for another.
 *
 * @throws {TickerflowError} STORE_FORMAT for a file of another MLflow revision; STORE_UNWRITABLE,
 *   STORE_BUSY, STORE_DAMAGED.
 */
export function openSqliteTrackingStore(options: SqliteTrackingStoreOptions): TrackingStore {
  const directory = resolve(options.directory)
  const context: StoreContext = {
    connection: openConnection(directory, options.clock),
    clock: options.clock,
    newId: options.newId,
    artifactsDirectory: join(directory, 'artifacts'),
    tmpDirectory: join(directory, 'tmp'),
  }
  return { ...trackingOf(context), ...registryOf(context) }
}

function openConnection(directory: string, clock: Clock): SqliteConnection {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (cause) {
    throw unwritable(directory, cause)
  }
  const connection = new SqliteConnection(join(directory, 'mlflow.db'))
  try {
    ensureMlflowSchema(connection, clock())
  } catch (error) {
    connection.close()
    throw error
  }
  return connection
}

type RegistryMethod = Extract<keyof TrackingStore, `${string}${'Model' | 'Alias'}${string}`>

/** Experiments, runs and artifacts. Async functions: a failure is a rejection, never a throw. */
function trackingOf(context: StoreContext): Omit<TrackingStore, RegistryMethod> {
  const { connection } = context
  return {
    createExperiment: async (request) => createExperiment(context, request),
    getExperiment: async (id) => connection.read(() => getExperiment(context, id)),
    getExperimentByName: async (name) => connection.read(() => getExperimentByName(context, name)),
    listExperiments: async (page = {}) => connection.read(() => listExperiments(context, page)),
    createRun: async (request) => createRun(context, request),
    getRun: async (id) => connection.read(() => getRun(context, id)),
    updateRun: async (id, update) => updateRun(context, id, update),
    searchRuns: async (query) => connection.read(() => searchRuns(context, query)),
    logBatch: async (runId, batch) => logBatch(context, runId, batch),
    getMetricHistory: async (runId, key, page = {}) =>
      connection.read(() => getMetricHistory(context, runId, { ...page, key })),
    logInputs: async (runId, inputs) => logInputs(context, runId, inputs),
    writeArtifact: (runId, path, content) => writeArtifact(context, runId, { path, content }),
    listArtifacts: (runId, path) => listArtifacts(context, runId, path),
    readArtifact: (runId, path) => readArtifact(context, runId, path),
    close: async () => connection.close(),
  }
}

function registryOf(context: StoreContext): Pick<TrackingStore, RegistryMethod> {
  const { connection } = context
  return {
    createRegisteredModel: async (request) => createRegisteredModel(context, request),
    getRegisteredModel: async (name) => connection.read(() => getRegisteredModel(context, name)),
    listRegisteredModels: async (page = {}) =>
      connection.read(() => listRegisteredModels(context, page)),
    updateRegisteredModel: async (name, update) => updateRegisteredModel(context, name, update),
    createModelVersion: async (request) => createModelVersion(context, request),
    getModelVersion: async (ref) => connection.read(() => getModelVersion(context, ref)),
    listModelVersions: async (name, page = {}) =>
      connection.read(() => listModelVersions(context, name, page)),
    updateModelVersion: async (ref, update) => updateModelVersion(context, ref, update),
    setModelVersionStage: async (ref, stage, { archiveExisting = false } = {}) =>
      setModelVersionStage(context, ref, { stage, archiveExisting }),
    setAlias: async (ref, alias) => setAlias(context, ref, alias),
    getVersionByAlias: async (name, alias) =>
      connection.read(() => getVersionByAlias(context, name, alias)),
    deleteAlias: async (name, alias) => deleteAlias(context, name, alias),
  }
}
