/** A client of MLflow's REST API: the port of tracking over somebody else's server. */
import { buffer } from 'node:stream/consumers'
import { artifactPathParts } from '../artifact-path.ts'
import { invalid } from '../tracking-rules.ts'
import type { Run, TrackingStore } from '../tracking-store.ts'
import { repositoryAt } from './artifacts/artifact-places.ts'
import type { ArtifactContent, ArtifactRepository } from './artifacts/artifact-repository.ts'
import { createMlflowApi } from './mlflow-api.ts'
import { remoteExperiments } from './remote-experiments.ts'
import { remoteLoggedModels } from './remote-logged-models.ts'
import { remoteRegistry } from './remote-registry.ts'
import { remoteRuns } from './remote-runs.ts'
import { createTrackingHttp, type TrackingHttpOptions } from './tracking-http.ts'

export interface MlflowClientOptions extends TrackingHttpOptions {
  /** Another address of the object store than Amazon's, for artifacts at `s3:`. */
  readonly s3EndpointUrl?: string
}

/** The tracking store of a server, and artifacts of any size. */
export interface MlflowClient extends TrackingStore {
  /** The server's address. */
  readonly uri: string
  /** The release that the server says it is, e.g. `3.17.2`. */
  serverVersion(): Promise<string>
  /** As `writeArtifact`, for files too large for the memory. */
  uploadArtifact(runId: string, path: string, content: ArtifactContent): Promise<void>
  /** As `readArtifact`, piece by piece. */
  openArtifact(runId: string, path: string): Promise<AsyncIterable<Uint8Array>>
  /** The files below an artifact root, such as a logged model's `artifactUri`. */
  artifactsAt(root: string): Promise<ArtifactRepository>
}

/**
 * A client of an MLflow server, which is not asked for anything yet.
 *
 * Failures of the network and of a busy server are met with patience (`RetryPolicy`); what creates
 * something is only asked for again when it certainly did not happen. Writes go to the server at
 * once: see `createBufferedStore` for training loops.
 *
 * @throws {TickerflowError} CONFIG_INVALID for an address that is not http or https.
 * @example
 * const client = createMlflowClient({ uri: 'http://127.0.0.1:5000', fetch, clock: Date.now })
 * const run = await client.createRun({ experimentId: '0', name: 'first' })
 * await client.logBatch(run.id, { metrics: [{ key: 'loss', value: 0.5, timestampMs: 0, step: 1 }] })
 */
export function createMlflowClient(options: MlflowClientOptions): MlflowClient {
  const http = createTrackingHttp(options)
  const api = createMlflowApi(http)
  const { s3EndpointUrl } = options
  const runs = remoteRuns(api, options.clock)
  const artifactsAt = (root: string) => repositoryAt(root, { http, s3EndpointUrl })
  const repositoryOf = async (runId: string) => artifactsAt((await runs.getRun(runId)).artifactUri)
  const uploadArtifact = async (runId: string, path: string, content: ArtifactContent) => {
    artifactPathParts(path)
    const run = await runs.getRun(runId)
    assertActive(run)
    await (await artifactsAt(run.artifactUri)).write(path, content)
  }
  const openArtifact = async (runId: string, path: string) => {
    artifactPathParts(path)
    return await (await repositoryOf(runId)).open(path)
  }
  return {
    uri: http.uri,
    serverVersion: async () => {
      const response = await http.open({ method: 'GET', path: '/version' })
      return (await response.text()).trim()
    },
    ...remoteExperiments(api),
    ...runs,
    ...remoteLoggedModels(api),
    ...remoteRegistry(api),
    artifactsAt,
    uploadArtifact,
    openArtifact,
    writeArtifact: uploadArtifact,
    async listArtifacts(runId, path) {
      if (path !== undefined) artifactPathParts(path)
      return await (await repositoryOf(runId)).list(path)
    },
    readArtifact: async (runId, path) => await buffer(await openArtifact(runId, path)),
    close: async () => {},
  }
}

function assertActive({ id, lifecycleStage }: Run): void {
  if (lifecycleStage === 'active') return
  throw invalid(`Run '${id}' is deleted; restore it before writing to it.`)
}
