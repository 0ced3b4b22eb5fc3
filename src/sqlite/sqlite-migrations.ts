/** Numbered migrations of the tables that one part of the program keeps in a shared database. */
import { rmSync } from 'node:fs'
import { TickerflowError } from '../errors.ts'
import { numberOf } from './row.ts'
import type { SqliteConnection } from './sqlite-connection.ts'

export interface ComponentSchema {
  /** Which part's tables these are; each part counts its own versions. */
  readonly component: string
  /** The script at index i leads from version i to i + 1; published ones never change. */
  readonly migrations: readonly string[]
}

/**
 * Brings the component's tables to the latest version, after a backup beside the file when there
 * is something to lose.
 *
 * @throws {TickerflowError} STORE_FORMAT when a newer program has written the tables.
 */
export function migrate(connection: SqliteConnection, schema: ComponentSchema): void {
  const target = schema.migrations.length
  const found = currentVersion(connection, schema)
  if (found > target) throw tooNew(connection, schema, found)
  if (found === target) return
  if (found > 0) backUp(connection, `${schema.component}-v${found}`)
  connection.transaction(() => applyFrom(connection, schema))
}

function currentVersion(connection: SqliteConnection, { component }: ComponentSchema): number {
  connection.execute(
    `CREATE TABLE IF NOT EXISTS schema_version
       (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`,
  )
  const row = connection
    .prepare('SELECT version FROM schema_version WHERE component = ?')
    .get(component)
  return row === undefined ? 0 : numberOf(row, 'version')
}

/** Reads the version again: another process may have migrated while this one waited for the lock. */
function applyFrom(connection: SqliteConnection, schema: ComponentSchema): void {
  const found = currentVersion(connection, schema)
  for (const script of schema.migrations.slice(found)) connection.execute(script)
  connection
    .prepare(
      `INSERT INTO schema_version (component, version) VALUES (?, ?)
       ON CONFLICT (component) DO UPDATE SET version = max(version, excluded.version)`,
    )
    .run(schema.component, schema.migrations.length)
}

function backUp(connection: SqliteConnection, label: string): void {
  const backup = `${connection.file}.${label}.backup`
  rmSync(backup, { force: true })
  connection.prepare('VACUUM INTO ?').run(backup)
}

function tooNew(connection: SqliteConnection, schema: ComponentSchema, found: number): Error {
  const expected = schema.migrations.length
  const message = `${connection.file} keeps its ${schema.component} tables at version ${found}, and this program knows them up to ${expected}; update the program, or use another --store directory.`
  return new TickerflowError('STORE_FORMAT', message, {
    details: { file: connection.file, component: schema.component, found, expected },
  })
}
