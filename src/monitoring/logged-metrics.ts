/** What of the live metrics the tracking store has been given already. */
import { numberOf, textOf } from '../sqlite/row.ts'
import type { SqliteConnection } from '../sqlite/sqlite-connection.ts'
import type { ModelVersionRef } from '../tracking/tracking-store.ts'

/** Id of the version's monitoring run; `undefined` when it has none yet. */
export function monitoringRunOf(
  database: SqliteConnection,
  { name, version }: ModelVersionRef,
): string | undefined {
  const row = database
    .prepare('SELECT run FROM monitoring_runs WHERE model = ? AND version = ?')
    .get(name, version)
  return row === undefined ? undefined : textOf(row, 'run')
}

/** @returns The run that counts: the one noted first, when two looks made one each. */
export function noteMonitoringRun(
  database: SqliteConnection,
  ref: ModelVersionRef,
  run: string,
): string {
  database
    .prepare('INSERT OR IGNORE INTO monitoring_runs VALUES (?, ?, ?)')
    .run(ref.name, ref.version, run)
  return monitoringRunOf(database, ref) ?? run
}

/** Last day of the track that was logged; before all days when none was. */
export function loggedTo(database: SqliteConnection, track: number): number {
  const row = database.prepare('SELECT as_of FROM monitoring_logged WHERE track = ?').get(track)
  return row === undefined ? Number.MIN_SAFE_INTEGER : numberOf(row, 'as_of')
}

export function noteLoggedTo(database: SqliteConnection, track: number, asOf: number): void {
  database
    .prepare(
      `INSERT INTO monitoring_logged VALUES (?1, ?2)
       ON CONFLICT (track) DO UPDATE SET as_of = max(as_of, ?2)`,
    )
    .run(track, asOf)
}
