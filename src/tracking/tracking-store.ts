/** The port of experiment tracking and model registry: MLflow's ideas under the program's own names. */

import type { LoggedModelStore } from './logged-model-store.ts'

/** Milliseconds since 1970-01-01 UTC. Passed in wherever the time is asked for. */
export type Clock = () => number

export type LifecycleStage = 'active' | 'deleted'
export type RunStatus = 'SCHEDULED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived'
export type StringMap = Readonly<Record<string, string>>

export interface PageRequest {
  /** At most so many items; each method names its default. */
  readonly limit?: number
  /** Opaque; from `nextPageToken` of the page before. */
  readonly pageToken?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextPageToken?: string
}

/** A search in MLflow's own words; see `search/filter-grammar.ts`. */
export interface SearchRequest extends PageRequest {
  /** Comparisons joined by AND, e.g. `metrics.loss < 0.5 AND tags.team = 'gold'`. */
  readonly filter?: string
  /** e.g. `['metrics.loss ASC']`. */
  readonly orderBy?: readonly string[]
}

/** Which lifecycle stages a search shows. */
export type ViewType = LifecycleStage | 'all'

export interface ExperimentQuery extends SearchRequest {
  /** Absent: active. */
  readonly view?: ViewType
}

export interface Experiment {
  readonly id: string
  readonly name: string
  readonly artifactLocation: string
  readonly lifecycleStage: LifecycleStage
  readonly createdAtMs: number | undefined
  readonly updatedAtMs: number | undefined
  readonly tags: StringMap
}

export interface CreateExperimentRequest {
  readonly name: string
  /** Where its runs' artifacts go; absent: below this store's artifact root. */
  readonly artifactLocation?: string
  readonly tags?: StringMap
}

export interface Metric {
  readonly key: string
  /** NaN is kept as NaN; an infinity comes back as ±1.7976931348623157e308. */
  readonly value: number
  readonly timestampMs: number
  readonly step: number
  /** A logged model that it judges, and the data set that it was judged on; kept with that model. */
  readonly modelId?: string
  readonly datasetName?: string
  readonly datasetDigest?: string
}

/** A data set that a run read. */
export interface Dataset {
  readonly name: string
  /** At most 36 characters: shorten a longer digest before logging it. */
  readonly digest: string
  readonly sourceType: string
  /** Where it came from, usually JSON. */
  readonly source: string
  readonly schema?: string
  readonly profile?: string
}

export interface DatasetInput {
  readonly dataset: Dataset
  /** What the run used it for, e.g. `mlflow.data.context`: `training`. */
  readonly tags?: StringMap
}

/** A logged model that a run produced. */
export interface ModelOutput {
  readonly modelId: string
  readonly step: number
}

export interface Run {
  readonly id: string
  readonly experimentId: string
  readonly name: string
  readonly userId: string
  readonly status: RunStatus
  readonly lifecycleStage: LifecycleStage
  readonly startTimeMs: number | undefined
  readonly endTimeMs: number | undefined
  readonly artifactUri: string
  readonly params: StringMap
  /** The latest value of each key: the maximum by step, then timestamp, then value. */
  readonly metrics: readonly Metric[]
  readonly tags: StringMap
  readonly inputs: readonly DatasetInput[]
  readonly inputModelIds: readonly string[]
  readonly outputModels: readonly ModelOutput[]
}

export interface CreateRunRequest {
  readonly experimentId: string
  /** Made up from the run's id when absent; kept as the tag `mlflow.runName` too. */
  readonly name?: string
  readonly userId?: string
  /** The store's clock when absent. */
  readonly startTimeMs?: number
  readonly tags?: StringMap
}

export interface RunUpdate {
  readonly status?: RunStatus
  /** The store's clock when the status ends the run and this is absent. */
  readonly endTimeMs?: number
  readonly name?: string
}

export interface RunQuery extends SearchRequest {
  readonly experimentIds: readonly string[]
  /** Absent: active. */
  readonly view?: ViewType
  /** Any of these; absent means every status. */
  readonly statuses?: readonly RunStatus[]
  /** By start time, then run id, after `orderBy`; newest first when absent. */
  readonly order?: 'newest-first' | 'oldest-first'
}

export interface MetricSampleQuery {
  readonly runIds: readonly string[]
  readonly key: string
  /** Both or neither; absent: from step 0 to the last. */
  readonly steps?: { readonly first: number; readonly last: number }
  /** About so many steps for each run, spread evenly. */
  readonly stepsPerRun: number
}

export interface MetricOfRun {
  readonly runId: string
  readonly metric: Metric
}

export interface LogBatch {
  readonly metrics?: readonly Metric[]
  readonly params?: StringMap
  readonly tags?: StringMap
}

export interface ArtifactEntry {
  /** Relative to the run's artifact root, `/` between the parts. */
  readonly path: string
  readonly isDirectory: boolean
  /** `undefined` for a directory. */
  readonly sizeBytes: number | undefined
}

export interface RegisteredModel {
  readonly name: string
  readonly description: string
  readonly createdAtMs: number | undefined
  readonly updatedAtMs: number | undefined
  readonly tags: StringMap
  /** Version by alias. */
  readonly aliases: Readonly<Record<string, number>>
}

export interface CreateRegisteredModelRequest {
  readonly name: string
  readonly description?: string
  readonly tags?: StringMap
}

export interface ModelVersionRef {
  readonly name: string
  readonly version: number
}

export interface ModelVersion extends ModelVersionRef {
  readonly description: string
  readonly createdAtMs: number | undefined
  readonly updatedAtMs: number | undefined
  readonly stage: ModelStage
  /** Where its files are, e.g. `runs:/<run id>/model`. */
  readonly source: string
  readonly runId: string | undefined
  readonly runLink: string | undefined
  readonly userId: string | undefined
  /** Where its files really are, when the source names another version or a logged model. */
  readonly storageLocation: string
  readonly status: string
  readonly tags: StringMap
  readonly aliases: readonly string[]
}

export interface CreateModelVersionRequest {
  readonly name: string
  readonly source: string
  readonly runId?: string
  readonly runLink?: string
  readonly description?: string
  readonly tags?: StringMap
}

/** Description and tags of a model or version; tags not named stay as they are. */
export interface ModelUpdate {
  readonly description?: string
  readonly tags?: StringMap
}

/**
 * Where runs, their artifacts and the model registry live: an embedded database or a server.
 *
 * A write is durable against the end of the process when its promise resolves. Errors are
 * `TickerflowError`: NOT_FOUND for an id or name that does not exist, ALREADY_EXISTS for a name
 * that is taken, TRACKING_INVALID for a request that breaks MLflow's rules.
 */
export interface TrackingStore extends LoggedModelStore {
  createExperiment(request: CreateExperimentRequest): Promise<Experiment>
  getExperiment(id: string): Promise<Experiment>
  /** `undefined` when there is none of that name. */
  getExperimentByName(name: string): Promise<Experiment | undefined>
  /** Active ones, newest first; 1000 a page. */
  listExperiments(page?: PageRequest): Promise<Page<Experiment>>
  /** Newest first after `orderBy`; 1000 a page. */
  searchExperiments(query: ExperimentQuery): Promise<Page<Experiment>>
  renameExperiment(id: string, name: string): Promise<void>
  /** Its runs are deleted, and restored, with it. */
  deleteExperiment(id: string): Promise<void>
  restoreExperiment(id: string): Promise<void>
  setExperimentTags(id: string, tags: StringMap): Promise<void>
  /** NOT_FOUND when it has no such tag. */
  deleteExperimentTag(id: string, key: string): Promise<void>

  createRun(request: CreateRunRequest): Promise<Run>
  getRun(id: string): Promise<Run>
  updateRun(id: string, update: RunUpdate): Promise<Run>
  /** Active runs unless the query says otherwise; 1000 a page. */
  searchRuns(query: RunQuery): Promise<Page<Run>>
  /** Marks it as deleted; everything stays. Twice is once, as with `restoreRun`. */
  deleteRun(id: string): Promise<void>
  restoreRun(id: string): Promise<void>
  /** NOT_FOUND when it has no such tag. */
  deleteRunTag(id: string, key: string): Promise<void>
  /**
   * Any number of values. A repeated metric point is ignored; a param keeps its first value for
   * ever (another one is TRACKING_INVALID); a tag is overwritten.
   */
  logBatch(runId: string, batch: LogBatch): Promise<void>
  /** Every point by timestamp, step, value; 25,000 a page. */
  getMetricHistory(runId: string, key: string, page?: PageRequest): Promise<Page<Metric>>
  /** Points of one metric of many runs, thinned out evenly over their steps, the ends kept. */
  sampleMetrics(query: MetricSampleQuery): Promise<readonly MetricOfRun[]>
  /** Logging the same data set or model again changes nothing. */
  logInputs(
    runId: string,
    inputs: readonly DatasetInput[],
    modelIds?: readonly string[],
  ): Promise<void>
  logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void>

  /** @param path Relative, `/` between the parts; anything that leaves the run's root is refused. */
  writeArtifact(runId: string, path: string, content: Uint8Array | string): Promise<void>
  /** One directory, by name; empty when it does not exist. The run's root when `path` is absent. */
  listArtifacts(runId: string, path?: string): Promise<readonly ArtifactEntry[]>
  readArtifact(runId: string, path: string): Promise<Uint8Array>

  createRegisteredModel(request: CreateRegisteredModelRequest): Promise<RegisteredModel>
  getRegisteredModel(name: string): Promise<RegisteredModel>
  /** By name; 1000 a page. */
  listRegisteredModels(page?: PageRequest): Promise<Page<RegisteredModel>>
  /** By name after `orderBy`; 100 a page. */
  searchRegisteredModels(query: SearchRequest): Promise<Page<RegisteredModel>>
  updateRegisteredModel(name: string, update: ModelUpdate): Promise<RegisteredModel>
  renameRegisteredModel(name: string, newName: string): Promise<RegisteredModel>
  /** For ever, with its versions, tags and aliases. */
  deleteRegisteredModel(name: string): Promise<void>
  /** Nothing happens when it has no such tag. */
  deleteRegisteredModelTag(name: string, key: string): Promise<void>

  createModelVersion(request: CreateModelVersionRequest): Promise<ModelVersion>
  getModelVersion(ref: ModelVersionRef): Promise<ModelVersion>
  /** Newest first; 1000 a page. */
  listModelVersions(name: string, page?: PageRequest): Promise<Page<ModelVersion>>
  updateModelVersion(ref: ModelVersionRef, update: ModelUpdate): Promise<ModelVersion>
  /** Last updated first after `orderBy`; 10,000 a page. */
  searchModelVersions(query: SearchRequest): Promise<Page<ModelVersion>>
  /** The newest version in each stage, or in each of these. */
  latestModelVersions(
    name: string,
    stages?: readonly ModelStage[],
  ): Promise<readonly ModelVersion[]>
  /** Its number is not given out again; its aliases go with it. */
  deleteModelVersion(ref: ModelVersionRef): Promise<void>
  /** Nothing happens when it has no such tag. */
  deleteModelVersionTag(ref: ModelVersionRef, key: string): Promise<void>
  /** MLflow's deprecated stages, kept as a mirror; `archiveExisting` archives the stage's others. */
  setModelVersionStage(
    ref: ModelVersionRef,
    stage: ModelStage,
    options?: { readonly archiveExisting?: boolean },
  ): Promise<ModelVersion>

  /** Moves the alias when another version has it. */
  setAlias(ref: ModelVersionRef, alias: string): Promise<void>
  /** `undefined` when the model has no such alias. */
  getVersionByAlias(name: string, alias: string): Promise<ModelVersion | undefined>
  /** Nothing happens when the model has no such alias. */
  deleteAlias(name: string, alias: string): Promise<void>

  /** Writes what is still buffered and lets go of files and connections. */
  close(): Promise<void>
}
