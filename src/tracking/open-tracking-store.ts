/** Chooses the tracking store by its address: the embedded one, or a server. */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TickerflowError } from '../errors.ts'
import type { StoreDirectory } from '../store-directory.ts'
import { artifactUriParts } from './artifact-path.ts'
import { openBufferedStore } from './client/buffered-store.ts'
import type { SpoolEvent } from './client/spool/outbox.ts'
import type { TrackingCredentials } from './client/tracking-http.ts'
import { openSqliteTrackingStore } from './store/sqlite.ts'
import type { Run, TrackingStore } from './tracking-store.ts'

export interface TrackingChoice {
  /** `MLFLOW_TRACKING_URI`; absent: the embedded store. */
  readonly uri?: string | undefined
  readonly directory: StoreDirectory
  readonly clock: () => number
  readonly newId: () => string
  readonly fetch: typeof globalThis.fetch
  readonly credentials?: TrackingCredentials | undefined
  readonly s3EndpointUrl?: string | undefined
  /** How often a request is tried again, and how long each try may take. */
  readonly retries?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly onEvent?: ((event: SpoolEvent) => void) | undefined
}

export interface ChosenTracking {
  readonly store: TrackingStore
  /** The server's address; `undefined` for the embedded store. */
  readonly uri: string | undefined
  /** Where a person finds an artifact of a run: a path, or an address when the store is a server's. */
  artifactPlace(run: Run, path: string): string
}

/**
 * Opens the store that the address says. A server is not asked for anything yet.
 *
 * @throws {TickerflowError} CONFIG_INVALID for an address that is neither this store's nor a
 *   server's; what opening the embedded store throws.
 */
export async function openTrackingStore(choice: TrackingChoice): Promise<ChosenTracking> {
  const { uri, directory, clock, newId, fetch, credentials, s3EndpointUrl, onEvent } = choice
  const { retries, timeoutSeconds } = choice
  if (uri === undefined || isOwnStore(uri, directory)) {
    const store = openSqliteTrackingStore({ directory: directory.root, clock, newId })
    const artifactPlace = (run: Run, path: string) =>
      resolve(directory.artifacts, ...artifactUriParts(run.artifactUri), ...path.split('/'))
    return { store, uri: undefined, artifactPlace }
  }
  assertServer(uri)
  const store = await openBufferedStore({
    uri,
    clock,
    fetch,
    spoolDirectory: directory.spool,
    ...(credentials === undefined ? {} : { credentials }),
    retry: {
      ...(retries === undefined ? {} : { retries }),
      ...(timeoutSeconds === undefined ? {} : { timeoutMs: 1000 * timeoutSeconds }),
    },
    ...(s3EndpointUrl === undefined ? {} : { s3EndpointUrl }),
    ...(onEvent === undefined ? {} : { onEvent }),
  })
  return { store, uri: store.uri, artifactPlace: (run, path) => placeOn(store.uri, run, path) }
}

/** Python programs are told of the embedded store in SQLAlchemy's words. */
function isOwnStore(uri: string, directory: StoreDirectory): boolean {
  const [, path] = /^sqlite:\/\/\/(.+)$/.exec(uri) ?? []
  if (path !== undefined) return resolve(path) === directory.mlflowDb
  if (!uri.startsWith('file:')) return false
  try {
    return resolve(fileURLToPath(uri)) === directory.root
  } catch {
    return false
  }
}

function assertServer(uri: string): void {
  if (/^https?:\/\//i.test(uri)) return
  const scheme = /^[a-z0-9+-]+:/i.exec(uri)?.[0] ?? 'a path'
  const message = `MLFLOW_TRACKING_URI begins with ${scheme}, and this program speaks to a tracking server (http: or https:) or to the store in its own directory (--store DIR). Leave MLFLOW_TRACKING_URI out, or start 'mlflow server --backend-store-uri URI' and give its address.`
  throw new TickerflowError('CONFIG_INVALID', message, { details: { scheme } })
}

/** Servers pass on what lies below `mlflow-artifacts:`; other roots are addresses themselves. */
function placeOn(uri: string, run: Run, path: string): string {
  const [, served] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(run.artifactUri) ?? []
  if (served === undefined) return `${run.artifactUri}/${path}`
  const parts = [...served.split('/'), ...path.split('/')].map(encodeURIComponent)
  return `${uri}/api/2.0/mlflow-artifacts/artifacts/${parts.join('/')}`
}
