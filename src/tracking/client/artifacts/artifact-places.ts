/** Where the artifacts of a run or logged model lie, by the scheme of its root. */
import { TickerflowError } from '../../../errors.ts'
import type { TrackingHttp } from '../tracking-http.ts'
import type { ArtifactRepository } from './artifact-repository.ts'
import { fileArtifacts } from './file-artifacts.ts'
import { s3Artifacts } from './s3-artifacts.ts'
import { servedArtifacts } from './served-artifacts.ts'

export interface ArtifactAccess {
  readonly http: TrackingHttp
  /** Another address of the object store than Amazon's, as `MLFLOW_S3_ENDPOINT_URL`. */
  readonly s3EndpointUrl?: string | undefined
}

/** @throws {TickerflowError} ARTIFACTS_UNREACHABLE for a scheme that is not known here. */
export async function repositoryAt(
  root: string,
  { http, s3EndpointUrl }: ArtifactAccess,
): Promise<ArtifactRepository> {
  const [, scheme] = /^([a-z][a-z0-9+-]+):/i.exec(root) ?? []
  if (scheme === 'mlflow-artifacts') return servedArtifacts(root, http)
  if (scheme === 'file' || root.startsWith('/')) return fileArtifacts(root)
  if (scheme === 's3') return await s3Artifacts(root, s3EndpointUrl)
  const message = `The artifacts at ${root} cannot be reached from here: expected a root that begins with mlflow-artifacts:, file: or s3:. Start the server with --serve-artifacts, so that it passes them on.`
  throw new TickerflowError('ARTIFACTS_UNREACHABLE', message, { details: { root } })
}
