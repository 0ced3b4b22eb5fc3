/** Whether a database file is whole, without opening it for writing. */
import { DatabaseSync } from 'node:sqlite'

/**
 * SQLite's own check of structure and content, but not of indexes.
 *
 * @returns What is wrong, in SQLite's words; nothing for a sound file.
 *
 * Cost: reads the whole file.
 */
export function databaseFaults(file: string): readonly string[] {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 })
    const rows = database.prepare('PRAGMA quick_check(5)').all()
    return rows.map((row) => String(row.quick_check)).filter((words) => words !== 'ok')
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  } finally {
    database?.close()
  }
}
