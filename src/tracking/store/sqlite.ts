/** The embedded tracking store: MLflow's own tables in one SQLite file, artifacts beside it. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unwritable } from '../../atomic-file.ts'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import type { LoggedModelStore } from '../logged-model-store.ts'
import type { Clock, TrackingStore } from '../tracking-store.ts'
import {
  listArtifacts,
  listLoggedModelArtifacts,
  readArtifact,
  writeArtifact,
} from './artifact-files.ts'
import { logInputs } from './dataset-queries.ts'
import {
  deleteExperiment,
  deleteExperimentTag,
  renameExperiment,
  restoreExperiment,
  setExperimentTags,
} from './experiment-changes.ts'
import {
  createExperiment,
  getExperiment,
  getExperimentByName,
  listExperiments,
} from './experiment-queries.ts'
import { searchExperiments } from './experiment-search.ts'
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  getLoggedModel,
  logLoggedModelParams,
  setLoggedModelStatus,
  setLoggedModelTags,
} from './logged-model-queries.ts'
import { searchLoggedModels } from './logged-model-search.ts'
import { getMetricHistory } from './metric-queries.ts'
import { sampleMetrics } from './metric-samples.ts'
import {
  createRegisteredModel,
  getRegisteredModel,
  listRegisteredModels,
  updateRegisteredModel,
} from './model-queries.ts'
import { searchModelVersions, searchRegisteredModels } from './model-search.ts'
import {
  deleteModelVersion,
  deleteModelVersionTag,
  deleteRegisteredModel,
  deleteRegisteredModelTag,
  latestModelVersions,
  renameRegisteredModel,
} from './registry-changes.ts'
import { deleteRun, deleteRunTag, restoreRun } from './run-lifecycle.ts'
import { logOutputs } from './run-models.ts'
import { createRun, getRun, logBatch, updateRun } from './run-queries.ts'
import { searchRuns } from './run-search.ts'
import { ensureMlflowSchema } from './schema.ts'
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
  /** How long to wait for another writer; 20 seconds when absent. The thread stands still meanwhile. */
  readonly busyTimeoutMs?: number
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
    connection: openConnection(directory, options),
    clock: options.clock,
    newId: options.newId,
    artifactsDirectory: join(directory, 'artifacts'),
    tmpDirectory: join(directory, 'tmp'),
  }
  return { ...trackingOf(context), ...loggedModelsOf(context), ...registryOf(context) }
}

function openConnection(
  directory: string,
  { clock, busyTimeoutMs }: SqliteTrackingStoreOptions,
): SqliteConnection {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (cause) {
    throw unwritable(directory, cause)
  }
  const connection = new SqliteConnection(
    join(directory, 'mlflow.db'),
    busyTimeoutMs === undefined ? {} : { busyTimeoutMs },
  )
  try {
    ensureMlflowSchema(connection, clock())
  } catch (error) {
    connection.close()
    throw error
  }
  return connection
}

type RegistryMethod = Exclude<
  Extract<keyof TrackingStore, `${string}${'RegisteredModel' | 'ModelVersion' | 'Alias'}${string}`>,
  LoggedModelMethod
>
type LoggedModelMethod = keyof LoggedModelStore

/** Experiments, runs and artifacts. Async functions: a failure is a rejection, never a throw. */
function trackingOf(
  context: StoreContext,
): Omit<TrackingStore, RegistryMethod | LoggedModelMethod> {
  const { connection } = context
  return {
    createExperiment: async (request) => createExperiment(context, request),
    getExperiment: async (id) => connection.read(() => getExperiment(context, id)),
    getExperimentByName: async (name) => connection.read(() => getExperimentByName(context, name)),
    listExperiments: async (page = {}) => connection.read(() => listExperiments(context, page)),
    searchExperiments: async (query) => connection.read(() => searchExperiments(context, query)),
    renameExperiment: async (id, name) => renameExperiment(context, id, name),
    deleteExperiment: async (id) => deleteExperiment(context, id),
    restoreExperiment: async (id) => restoreExperiment(context, id),
    setExperimentTags: async (id, tags) => setExperimentTags(context, id, tags),
    deleteExperimentTag: async (id, key) => deleteExperimentTag(context, id, key),
    createRun: async (request) => createRun(context, request),
    getRun: async (id) => connection.read(() => getRun(context, id)),
    updateRun: async (id, update) => updateRun(context, id, update),
    searchRuns: async (query) => connection.read(() => searchRuns(context, query)),
    deleteRun: async (id) => deleteRun(context, id),
    restoreRun: async (id) => restoreRun(context, id),
    deleteRunTag: async (id, key) => deleteRunTag(context, id, key),
    logBatch: async (runId, batch) => logBatch(context, runId, batch),
    getMetricHistory: async (runId, key, page = {}) =>
      connection.read(() => getMetricHistory(context, runId, { ...page, key })),
    sampleMetrics: async (query) => connection.read(() => sampleMetrics(context, query)),
    logInputs: async (runId, inputs, modelIds = []) =>
      logInputs(context, runId, { inputs, modelIds }),
    logOutputs: async (runId, models) => logOutputs(context, runId, models),
    writeArtifact: (runId, path, content) => writeArtifact(context, runId, { path, content }),
    listArtifacts: (runId, path) => listArtifacts(context, runId, path),
    readArtifact: (runId, path) => readArtifact(context, runId, path),
    close: async () => connection.close(),
  }
}

function loggedModelsOf(context: StoreContext): LoggedModelStore {
  const { connection } = context
  return {
    createLoggedModel: async (request) => createLoggedModel(context, request),
    getLoggedModel: async (id) => connection.read(() => getLoggedModel(context, id)),
    setLoggedModelStatus: async (id, status) => setLoggedModelStatus(context, id, status),
    deleteLoggedModel: async (id) => deleteLoggedModel(context, id),
    searchLoggedModels: async (query) => connection.read(() => searchLoggedModels(context, query)),
    setLoggedModelTags: async (id, tags) => setLoggedModelTags(context, id, tags),
    deleteLoggedModelTag: async (id, key) => deleteLoggedModelTag(context, id, key),
    logLoggedModelParams: async (id, params) => logLoggedModelParams(context, id, params),
    listLoggedModelArtifacts: (id, path) => listLoggedModelArtifacts(context, id, path),
  }
}

function registryOf(context: StoreContext): Pick<TrackingStore, RegistryMethod> {
  const { connection } = context
  return {
    createRegisteredModel: async (request) => createRegisteredModel(context, request),
    getRegisteredModel: async (name) => connection.read(() => getRegisteredModel(context, name)),
    listRegisteredModels: async (page = {}) =>
      connection.read(() => listRegisteredModels(context, page)),
    searchRegisteredModels: async (query) =>
      connection.read(() => searchRegisteredModels(context, query)),
    updateRegisteredModel: async (name, update) => updateRegisteredModel(context, name, update),
    renameRegisteredModel: async (name, newName) => renameRegisteredModel(context, name, newName),
    deleteRegisteredModel: async (name) => deleteRegisteredModel(context, name),
    deleteRegisteredModelTag: async (name, key) => deleteRegisteredModelTag(context, name, key),
    createModelVersion: async (request) => createModelVersion(context, request),
    getModelVersion: async (ref) => connection.read(() => getModelVersion(context, ref)),
    listModelVersions: async (name, page = {}) =>
      connection.read(() => listModelVersions(context, name, page)),
    searchModelVersions: async (query) =>
      connection.read(() => searchModelVersions(context, query)),
    latestModelVersions: async (name, stages) =>
      connection.read(() => latestModelVersions(context, name, stages)),
    updateModelVersion: async (ref, update) => updateModelVersion(context, ref, update),
    deleteModelVersion: async (ref) => deleteModelVersion(context, ref),
    deleteModelVersionTag: async (ref, key) => deleteModelVersionTag(context, ref, key),
    setModelVersionStage: async (ref, stage, { archiveExisting = false } = {}) =>
      setModelVersionStage(context, ref, { stage, archiveExisting }),
    setAlias: async (ref, alias) => setAlias(context, ref, alias),
    getVersionByAlias: async (name, alias) =>
      connection.read(() => getVersionByAlias(context, name, alias)),
    deleteAlias: async (name, alias) => deleteAlias(context, name, alias),
  }
}
