/** What of the live metrics the tracking store has been given already. */
import { numberOf, textOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import type { ModelVersionRef } from '../tracking/tracking-store.ts'

/** Id of the version's monitoring run; `undefined` when it has none yet. */
export function monitoringRunOf(
  database: StateDatabase,
  { name, version }: ModelVersionRef,
): string | undefined {
  const row = database
    .prepare('SELECT run FROM monitoring_runs WHERE model = ? AND version = ?')
    .get(name, version)
  return row === undefined ? undefined : textOf(row, 'run')
}

/** @returns The run that counts: the one noted first, when two looks made one each. */
export function noteMonitoringRun(
  database: StateDatabase,
  ref: ModelVersionRef,
  run: string,
): string {
  database
    .prepare('INSERT INTO monitoring_runs VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
    .run(ref.name, ref.version, run)
  return monitoringRunOf(database, ref) ?? run
}

/** Last day of the track that was logged; before all days when none was. */
export function loggedTo(database: StateDatabase, track: number): number {
  const row = database.prepare('SELECT as_of FROM monitoring_logged WHERE track = ?').get(track)
  return row === undefined ? Number.MIN_SAFE_INTEGER : numberOf(row, 'as_of')
}

export function noteLoggedTo(database: StateDatabase, track: number, asOf: number): void {
  database
    .prepare(
      `INSERT INTO monitoring_logged VALUES (?1, ?2)
       ON CONFLICT (track) DO UPDATE SET as_of = excluded.as_of
         WHERE monitoring_logged.as_of < excluded.as_of`,
    )
    .run(track, asOf)
}
