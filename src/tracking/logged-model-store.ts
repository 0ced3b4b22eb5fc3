/** The port of logged models: models that runs made, before (or without) being registered. */
import type {
  ArtifactEntry,
  LifecycleStage,
  Metric,
  Page,
  PageRequest,
  StringMap,
} from './tracking-store.ts'

export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED'

export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  readonly id: string
  readonly experimentId: string
  readonly name: string
  readonly artifactUri: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly status: LoggedModelStatus
  readonly lifecycleStage: LifecycleStage
  readonly modelType: string | undefined
  readonly sourceRunId: string | undefined
  readonly params: StringMap
  readonly tags: StringMap
  readonly metrics: readonly LoggedModelMetric[]
}

/** A metric that a run logged about the model. */
export interface LoggedModelMetric extends Metric {
  readonly runId: string
}

export interface CreateLoggedModelRequest {
  readonly experimentId: string
  /** Made up from the id when absent. */
  readonly name?: string
  readonly modelType?: string
  readonly sourceRunId?: string
  readonly params?: StringMap
  readonly tags?: StringMap
}

/** A data set that the metrics of a search must have been measured on. */
export interface MetricDataset {
  readonly name: string
  readonly digest?: string
}

export interface LoggedModelOrder {
  /** An attribute, or `metrics.<key>`. */
  readonly field: string
  readonly descending: boolean
  readonly dataset?: Partial<MetricDataset>
}

export interface LoggedModelQuery extends PageRequest {
  readonly experimentIds: readonly string[]
  readonly filter?: string
  /** Any of these: metrics in the filter count on them alone. */
  readonly datasets?: readonly MetricDataset[]
  /** Newest first after these. */
  readonly orderBy?: readonly LoggedModelOrder[]
}

/** Part of `TrackingStore`; the same errors. */
export interface LoggedModelStore {
  createLoggedModel(request: CreateLoggedModelRequest): Promise<LoggedModel>
  getLoggedModel(id: string): Promise<LoggedModel>
  setLoggedModelStatus(id: string, status: LoggedModelStatus): Promise<LoggedModel>
  /** Hides it from searches. */
  deleteLoggedModel(id: string): Promise<void>
  /** 100 a page. */
  searchLoggedModels(query: LoggedModelQuery): Promise<Page<LoggedModel>>
  setLoggedModelTags(id: string, tags: StringMap): Promise<LoggedModel>
  /** NOT_FOUND when it has no such tag. */
  deleteLoggedModelTag(id: string, key: string): Promise<void>
  /** Params keep their first value for ever. */
  logLoggedModelParams(id: string, params: StringMap): Promise<LoggedModel>
  /** As `listArtifacts`, for the model's own root. */
  listLoggedModelArtifacts(id: string, path?: string): Promise<readonly ArtifactEntry[]>
}
