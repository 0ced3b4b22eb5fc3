/** What the queries of the embedded tracking store share. */

import type { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import type { Clock } from '../tracking-store.ts'
import type { ArtifactPlaces } from './artifact-directory.ts'

export interface StoreContext extends ArtifactPlaces {
  readonly connection: SqliteConnection
  readonly clock: Clock
  /** A new UUID (version 4) as 32 hex digits, as MLflow makes its ids. */
  readonly newId: () => string
}
