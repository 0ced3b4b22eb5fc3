/** The program's own tracking server in this process, on a new store. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

export interface EmbeddedServer {
  readonly uri: string
  /** The store's. */
  readonly directory: string
  /** What it serves. */
  readonly store: TrackingStore
  /** A millisecond later each time. */
  readonly clock: () => number
  end(): Promise<void>
}

export async function startEmbeddedServer(apiKey?: string): Promise<EmbeddedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tracking-server-'))
  let now = 1_700_000_000_000
  const clock = () => now++
  const store = openSqliteTrackingStore({
    directory,
    clock,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  const server = createTrackingServer({
    store,
    artifacts: {
      artifactsDirectory: join(directory, 'artifacts'),
      tmpDirectory: join(directory, 'tmp'),
    },
    access: { host: '127.0.0.1', ...(apiKey === undefined ? {} : { apiKey }) },
  })
  return {
    uri: await server.listen({ host: '127.0.0.1', port: 0 }),
    directory,
    store,
    clock,
    async end() {
      const closed = server.close()
      server.server.closeAllConnections()
      await closed
      await store.close()
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
