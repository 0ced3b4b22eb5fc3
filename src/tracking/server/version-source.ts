/** Where a version's files may lie: below this store's artifacts, and below its own run or model. */
import { artifactPathParts, artifactUriParts } from '../artifact-path.ts'
import { invalid } from '../tracking-rules.ts'
import type { TrackingStore } from '../tracking-store.ts'

export interface VersionSource {
  readonly source: string
  readonly runId: string | undefined
  readonly modelId: string | undefined
}

/**
 * Refuses a source that could make a reader of the version open something else: a local path, a
 * path that climbs, the artifacts of another run.
 *
 * @throws {TickerflowError} TRACKING_INVALID; NOT_FOUND for an unknown run or model.
 */
export async function assertSourceInside(
  store: TrackingStore,
  { source, runId, modelId }: VersionSource,
): Promise<void> {
  const [, scheme = '', path = ''] = /^([a-z-]+):\/(?!\/)(.+)$/.exec(source) ?? []
  switch (scheme) {
    case 'models':
      return assertModelUri(source, path, modelId)
    case 'runs': {
      const [run] = artifactPathParts(path)
      if (run !== runId) throw outside(source)
      return
    }
    case 'mlflow-artifacts': {
      const roots = await rootsOf(store, runId, modelId)
      const parts = artifactUriParts(source)
      if (roots.some((root) => root.every((part, index) => part === parts[index]))) return
      throw outside(source)
    }
    default:
      throw outside(source)
  }
}

/** `models:/name/version`, or the logged model itself. */
function assertModelUri(source: string, path: string, modelId: string | undefined): void {
  if (/^[^/]+\/\d+$/.test(path)) return
  if (modelId === undefined || path !== modelId) throw outside(source)
}

async function rootsOf(
  store: TrackingStore,
  runId: string | undefined,
  modelId: string | undefined,
): Promise<readonly (readonly string[])[]> {
  const uris = [
    ...(runId === undefined ? [] : [(await store.getRun(runId)).artifactUri]),
    ...(modelId === undefined ? [] : [(await store.getLoggedModel(modelId)).artifactUri]),
  ]
  return uris.map(artifactUriParts)
}

function outside(source: string): Error {
  return invalid(
    `Invalid model version source: '${source}'. It has to lie below the artifacts of the run or logged model that the request names with run_id or model_id, or be another version, models:/name/version.`,
  )
}
