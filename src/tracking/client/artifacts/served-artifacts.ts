/** Artifacts that the tracking server itself passes on: `mlflow-artifacts:` roots. */
import { isTickerflowError } from '../../../errors.ts'
import { artifactPathParts } from '../../artifact-path.ts'
import { missing } from '../../tracking-rules.ts'
import type { ArtifactEntry } from '../../tracking-store.ts'
import { artifactOf, pageOfReply, readReply } from '../reply-codec.ts'
import type { TrackingHttp, TrackingRequest } from '../tracking-http.ts'
import { type ArtifactRepository, byPath } from './artifact-repository.ts'

const ROUTE = '/api/2.0/mlflow-artifacts/artifacts'

export function servedArtifacts(root: string, http: TrackingHttp): ArtifactRepository {
  const [, path = ''] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(root) ?? []
  const parts = path === '' ? [] : path.split('/')
  const routeOf = (below: string) =>
    [ROUTE, ...[...parts, ...artifactPathParts(below)].map(encodeURIComponent)].join('/')
  return {
    async list(below) {
      const directory = [...parts, ...(below === undefined ? [] : artifactPathParts(below))]
      const request: TrackingRequest = {
        method: 'GET',
        path: ROUTE,
        query: { path: directory.join('/') },
      }
      const { items } = readReply(http.uri, await http.ask(request), (fields) =>
        pageOfReply(fields, 'files', artifactOf),
      )
      return items.map((entry) => entryBelow(entry, below)).toSorted(byPath)
    },
    async open(below) {
      try {
        const response = await http.open({ method: 'GET', path: routeOf(below) })
        return response.body ?? noBytes()
      } catch (error) {
        throw isDirectory(error) ? missing(`Artifact '${below}'`) : error
      }
    },
    async write(below, content) {
      const body = () => content as BodyInit
      await http.ask({ method: 'PUT', path: routeOf(below), bytes: body })
    },
  }
}

/** MLflow answers 400 to the question for a directory's bytes, in words of its HTTP library. */
function isDirectory(error: unknown): boolean {
  return (
    isTickerflowError(error) &&
    error.code === 'TRACKING_REPLY_INVALID' &&
    error.details.status === 400
  )
}

/** The route names entries by their last part. */
function entryBelow(entry: ArtifactEntry, below: string | undefined): ArtifactEntry {
  const name = entry.path.split('/').at(-1) ?? ''
  return { ...entry, path: below === undefined ? name : `${below}/${name}` }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
