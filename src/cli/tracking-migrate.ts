/** `tickerflow tracking migrate`: copies everything in the store to a tracking server. */
import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { resolveConfig, trackingCredentials } from '../config.ts'
import { openStoreDirectory } from '../store-directory.ts'
import { artifactUriParts } from '../tracking/artifact-path.ts'
import { fileArtifacts } from '../tracking/client/artifacts/file-artifacts.ts'
import { createMlflowClient } from '../tracking/client/mlflow-client.ts'
import { type MigrationReport, migrate } from '../tracking/migration/migrate.ts'
import { MigrationState } from '../tracking/migration/migration-plan.ts'
import { openSqliteTrackingStore } from '../tracking/store/sqlite.ts'
import type { GlobalOptions } from './context.ts'
import { EXIT } from './exit-codes.ts'

export interface MigrateOptions extends GlobalOptions {
  readonly to: string
}

/** @returns The exit code: 1 when the copy differs from the store. */
export async function migrateTracking(options: MigrateOptions): Promise<number> {
  const config = await resolveConfig({
    flags: options.store === undefined ? {} : { store: options.store },
    environment: process.env,
    directory: process.cwd(),
    ...(options.config === undefined ? {} : { file: options.config }),
  })
  const directory = await openStoreDirectory(config.store)
  const target = createMlflowClient({
    uri: options.to,
    fetch: globalThis.fetch,
    clock: () => Date.now(),
    credentials: trackingCredentials(process.env),
    ...(config.s3EndpointUrl === undefined ? {} : { s3EndpointUrl: config.s3EndpointUrl }),
  })
  const source = openSqliteTrackingStore({
    directory: directory.root,
    clock: () => Date.now(),
    newId: () => randomUUID().replaceAll('-', ''),
  })
  try {
    const report = await migrate({
      source,
      sourceArtifacts: (root) =>
        fileArtifacts(join(directory.artifacts, ...artifactUriParts(root))),
      target,
      state: await MigrationState.read(join(directory.spool, 'migrations', nameOf(target.uri))),
      onProgress: (words) => process.stderr.write(`${words}\n`),
    })
    process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : words(report))
    return report.differences.length === 0 ? EXIT.done : EXIT.fault
  } finally {
    await source.close()
    await target.close()
  }
}

/** One file for each server that was ever migrated to. */
function nameOf(uri: string): string {
  return `${createHash('sha256').update(uri).digest('hex').slice(0, 16)}.json`
}

function words({ counts, differences }: MigrationReport): string {
  const compared = Object.entries(counts).map(([kind, count]) => `  ${count} ${kind}`)
  const verdict =
    differences.length === 0
      ? 'Everything is there, and the same.'
      : `${differences.length} differences:\n${differences.map((one) => `  ${one}`).join('\n')}`
  return `Compared:\n${compared.join('\n')}\n${verdict}\n`
}
